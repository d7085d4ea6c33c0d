"""`manage.py explain`: readable in 80 columns, or the API's JSON; exit code 1 for an unknown id."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from console.actor import Actor
from console.explain import Explanation, explain
from console.explain.text import WIDTH, render
from console.flows import link_via_primary_quote
from console.models import SalesforceConnection
from syncrules.json_form import from_json
from tests.builders import make_opportunity, make_pairing
from tests.explain.tables import fingerprint
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db
CONSOLE = Actor.console("explain")


def output(*arguments: str) -> str:
    out = StringIO()
    call_command("explain", *arguments, stdout=out)
    return out.getvalue()


def test_the_text_tells_the_whole_story(pair: Pair) -> None:
    old = make_pairing(opportunity=pair.opportunity)
    before = fingerprint()

    text = output(pair.salesforce_id.lower())

    for words in (
        f"Salesforce opportunity {pair.salesforce_id}",
        "it was repaired",
        "If it ran now: Link via primary quote",
        "✗ FAILED: One of the two is already tied to another record",
        "Who can do it  RevOps",
        "Is the MN opportunity tied to no other Salesforce opportunity?",
        old.salesforce_id,
        "Is the Salesforce opportunity tied to no other MN opportunity?",
        "Link through its primary quote now: It would end with",
        "Nothing was changed by asking.",
    ):
        assert " ".join(words.split()) in " ".join(text.split())
    assert fingerprint() == before


def test_json_is_the_same_structure(pair: Pair) -> None:
    answer = from_json(Explanation, json.loads(output(pair.salesforce_id, "--json")))

    assert answer.subject.id == pair.salesforce_id
    assert answer.words.title == "Linked"


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "JSON"])
def test_an_unknown_id_ends_with_1_and_says_what_can_be_asked(
    connected: SalesforceConnection, options: tuple[str, ...]
) -> None:
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("explain", "opp_unknown", *options, stdout=out)

    assert ended.value.code == 1
    assert "15 or 18" in out.getvalue()


@pytest.mark.parametrize("what", ["record", "opportunity", "quote", "account", "silent", "unknown"])
def test_no_line_is_wider_than_a_terminal(pair: Pair, org: Org, what: str) -> None:
    make_opportunity()
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=CONSOLE)
    if what == "silent":
        org.break_with(action="status", status=503, times=None)
    asked = {
        "opportunity": pair.opportunity.mn_id,
        "quote": pair.quote.mn_id,
        "account": pair.opportunity.account.mn_id,
        "unknown": "opp_unknown",
    }.get(what, pair.salesforce_id)

    text = render(explain(asked, actor=CONSOLE))

    assert max(map(len, text.splitlines())) <= WIDTH
    assert not any(line != line.rstrip() for line in text.splitlines())
