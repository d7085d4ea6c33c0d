"""The explain page: who may ask, what it shows, what its buttons do; replay of a log entry."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.html import escape

from syncrules.reasons import Reason, describe
from tests.builders import make_pairing
from tests.explain.pages import address, text
from tests.explain.tables import fingerprint
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


@pytest.mark.parametrize(
    ("role", "status"),
    [("", 302), ("stranger", 403), *((role, 200) for role in ("viewer", "operator"))],
)
def test_every_role_may_ask_and_nobody_else(
    signed_in: SignIn, pair: Pair, role: str, status: int
) -> None:
    client = signed_in(role)

    for path in ("/admin/explain/", address(pair.salesforce_id)):
        assert client.get(path).status_code == status


def test_the_box_leads_to_an_address_that_can_be_passed_on(viewer: Client, pair: Pair) -> None:
    answer = viewer.get("/admin/explain/", {"id": pair.salesforce_id})

    assert answer.headers["Location"] == address(pair.salesforce_id)


def test_a_damaged_id_or_an_address_keeps_its_note(viewer: Client, pair: Pair) -> None:
    asked = f"https://acme.my.salesforce.com/{pair.salesforce_id.lower()}"

    answer = viewer.get("/admin/explain/", {"id": asked}, follow=True)

    assert answer.redirect_chain == [
        (f"{address(pair.salesforce_id)}?{urlencode({'from': asked})}", 302)
    ]
    page = answer.content.decode()
    assert "was found in the pasted address" in page
    assert "repaired" in page


def test_a_note_about_another_id_is_not_taken_over(viewer: Client, pair: Pair) -> None:
    page = text(viewer, f"{address(pair.salesforce_id)}?from={sf_id().lower()}")

    assert "repaired" not in page


def test_the_page_shows_reason_remedy_steps_and_both_sides(viewer: Client, pair: Pair) -> None:
    old = make_pairing(opportunity=pair.opportunity)

    page = text(viewer, address(pair.salesforce_id))

    words = describe(Reason.CONFLICTING_ASSOCIATION)
    for expected in (
        words.title,
        words.explanation,
        words.remedy,
        "Who can do it",
        "RevOps",
        "Link via primary quote",
        "Stopped here",
        "Not reached",
        old.salesforce_id,
        pair.opportunity.mn_id,
        "read just now",
        "Nothing was changed by asking",
    ):
        assert escape(expected) in page


def test_asking_changes_no_table(viewer: Client, pair: Pair) -> None:
    before = fingerprint()

    text(viewer, address(pair.salesforce_id))
    text(viewer, address(pair.opportunity.mn_id))
    text(viewer, address("opp_unknown"), status=404)

    assert fingerprint() == before


@pytest.mark.parametrize("asked", ["opp_unknown", "<script>alert(1)</script>", "006"])
def test_an_unknown_id_says_where_it_was_looked_for(viewer: Client, asked: str) -> None:
    page = text(viewer, f"/admin/explain/?{urlencode({'id': asked})}", status=404)

    assert "Nothing is known by this id" in page
    assert "MN ids of opportunities, quotes and accounts" in page
    assert escape(asked) in page
    assert "<script>alert" not in page


def test_when_salesforce_is_silent_the_page_says_so(viewer: Client, pair: Pair, org: Org) -> None:
    org.break_with(action="status", status=503, times=None)

    assert "Salesforce could not be read just now" in text(viewer, address(pair.salesforce_id))


def test_hostile_names_stay_text(viewer: Client, pair: Pair, org: Org) -> None:
    org.add_opportunity(pair.salesforce_id, Name="<img src=x onerror=alert(1)>")

    page = text(viewer, address(pair.salesforce_id))

    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_a_quote_of_others_is_hidden(viewer: Client, pair: Pair) -> None:
    pair.quote.readers.add(Group.objects.create(name="deal desk"))

    page = text(viewer, address(pair.quote.mn_id))

    assert describe(Reason.QUOTE_INACCESSIBLE).title in page
    for secret in (pair.opportunity.name, pair.opportunity.mn_id, pair.quote.description):
        assert secret not in page


def test_every_page_has_the_box_for_those_who_may_ask(viewer: Client, signed_in: SignIn) -> None:
    assert 'action="/admin/explain/"' in text(viewer, "/admin/")
    assert 'action="/admin/explain/"' not in text(signed_in("stranger"), "/admin/")


def test_the_command_palette_offers_to_explain(viewer: Client, pair: Pair) -> None:
    found = text(viewer, f"/admin/search/?s={pair.salesforce_id.lower()}")

    assert address(pair.salesforce_id) in found
    assert "/admin/explain/" not in text(viewer, "/admin/search/?s=quote")
