"""The log entry's page tells the whole story; the list finds it by whatever is pasted."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client
from django.utils.html import escape

from console.admin import wording
from console.admin.base import list_of, page_of
from console.models import SyncLog
from syncrules import link_via_primary_quote, push_outbound
from syncrules.decisions import Decision, Effect
from syncrules.facts import LinkFacts, PushFacts
from syncrules.json_form import from_json
from syncrules.reasons import CATALOGUE, Owner, Reason, describe
from tests import builders
from tests.deal import make_deal
from tests.facts import DOWN, link_facts, pairing_facts, push_facts, remote_opportunity
from tests.org import Org


def test_a_refused_link_shows_reason_remedy_and_who_can_do_it(viewer: Client) -> None:
    entry = builders.make_log_entry(link_facts(pairing_of_opportunity=pairing_facts()))

    page = _text(viewer, entry)

    text = describe(Reason.CONFLICTING_ASSOCIATION)
    for words in (text.title, text.explanation, text.remedy, "Who can do it", "RevOps", "Failed"):
        assert escape(words) in page


@pytest.mark.usefixtures("connected", "redis")
def test_a_push_of_products_tells_what_it_was_to_write(viewer: Client, org: Org) -> None:
    deal = make_deal(org)
    deal.line()

    _, entry = deal.push()

    page = _text(viewer, entry)
    assert escape(wording.EFFECTS[Effect.WRITE_PRODUCTS]) in page
    assert escape(describe(Reason(entry.reason)).title) in page


@pytest.mark.parametrize(
    "facts",
    [
        link_facts(),
        link_facts(quote=None),
        link_facts(connection=DOWN),
        push_facts(),
        push_facts(pairing=None),
    ],
    ids=["linked", "quote unknown", "not connected", "pushed", "never linked"],
)
def test_every_step_is_there_with_its_question_state_and_evidence(
    viewer: Client, facts: LinkFacts | PushFacts
) -> None:
    entry = builders.make_log_entry(facts)
    decision = from_json(Decision, entry.decision)

    page = _text(viewer, entry)

    rungs = re.findall(r'<li class="c-rung c-rung-(\w+)', page)
    assert rungs == [step.status.value for step in decision.steps]
    for step in decision.steps:
        assert escape(step.question) in page
        for name, value in step.evidence.items():
            assert f"<dt>{escape(name)}</dt>" in page
            assert value is None or "T12:00" in value or escape(value) in page


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_page_in_words(viewer: Client, reason: Reason) -> None:
    page = _text(viewer, builders.make_log_entry(reason=reason))

    text = CATALOGUE[reason]
    assert escape(text.title) in page
    assert escape(text.remedy) in page
    assert ("Who can do it" in page) == (text.owner is not Owner.NOBODY)


def test_what_was_sent_and_came_back_is_there_to_unfold(viewer: Client) -> None:
    entry = builders.make_log_entry(
        push_facts(),
        request={"monetize__Id__c": "opp_sent"},
        response={"success": True, "marker": "answer-of-salesforce"},
    )

    page = _text(viewer, entry)

    assert "opp_sent" in page
    assert "answer-of-salesforce" in page
    assert page.count("<details") == 3
    assert "<details open" not in page


def test_a_later_attempt_is_pointed_out(viewer: Client) -> None:
    opportunity = builders.make_opportunity()
    failed = builders.make_log_entry(push_facts(pairing=None), opportunity=opportunity)
    later = builders.make_log_entry(push_facts(), opportunity=opportunity)

    assert "Tried again since" in _text(viewer, failed)
    assert page_of(later) in _text(viewer, failed)
    assert "Tried again since" not in _text(viewer, later)


def test_an_entry_of_an_unreadable_version_still_opens(viewer: Client) -> None:
    entry = builders.make_log_entry()
    strange = SyncLog(**{f.attname: getattr(entry, f.attname) for f in SyncLog._meta.fields})
    strange.pk, strange.decision = None, {"flow": "x", "outcome": "unheard of", "steps": []}
    strange.save()

    assert "cannot read" in _text(viewer, strange)


def test_records_link_to_salesforce(viewer: Client) -> None:
    builders.make_connection(base_url="https://acme.my.salesforce.com")
    entry = builders.make_log_entry()

    address = f"https://acme.my.salesforce.com/lightning/r/Opportunity/{entry.salesforce_id}/view"
    assert f'href="{address}"' in _text(viewer, entry)


def test_a_connection_with_a_strange_address_is_not_linked_to(viewer: Client) -> None:
    builders.make_connection(base_url="javascript:alert(1)//my.salesforce.com")
    entry = builders.make_log_entry()

    page = _text(viewer, entry)

    assert "javascript:" not in page
    assert entry.salesforce_id in page


@pytest.mark.parametrize(
    "typed",
    [
        "{salesforce_id}",
        "{id15}",
        "{lost_case}",
        "https://acme.lightning.force.com/lightning/r/Opportunity/{salesforce_id}/view",
        "{mn_id}",
        "quote_77",
        "aurora",
        "umbrella",
        "{pk}",
    ],
)
def test_the_search_box_takes_any_id_url_or_name(viewer: Client, typed: str) -> None:
    account = builders.make_account(name="Umbrella Logistics")
    opportunity = builders.make_opportunity(name="Aurora renewal", account=account)
    entry = builders.make_log_entry(opportunity=opportunity, quote_mn_id="quote_77")
    builders.make_log_entry()
    typed = typed.format(
        salesforce_id=entry.salesforce_id,
        id15=entry.salesforce_id[:15],
        lost_case=entry.salesforce_id.lower(),
        mn_id=opportunity.mn_id,
        pk=entry.pk,
    )

    found = _listed(viewer, f"q={typed}")

    assert found == [entry.pk]


def test_filters_narrow_by_outcome_reason_flow_owner_and_attention(viewer: Client) -> None:
    linked = builders.make_log_entry(link_facts())
    blank = builders.make_log_entry(
        link_facts(remote=remote_opportunity(primary_quote_salesforce_id=None))
    )
    never = builders.make_log_entry(push_facts(pairing=None))

    assert _listed(viewer, "outcome=done") == [linked.pk]
    assert _listed(viewer, "reason=primary_quote_missing") == [blank.pk]
    assert _listed(viewer, f"flow={push_outbound.FLOW}") == [never.pk]
    assert _listed(viewer, f"flow={link_via_primary_quote.FLOW}") == [blank.pk, linked.pk]
    assert _listed(viewer, "owner=sales+rep") == [blank.pk]
    assert _listed(viewer, "open=yes") == [never.pk, blank.pk]
    assert _listed(viewer, "since=1h") == [never.pk, blank.pk, linked.pk]


def test_a_later_attempt_takes_an_entry_off_the_list_of_what_needs_somebody(viewer: Client) -> None:
    remote = remote_opportunity(primary_quote_salesforce_id=None)
    blank = builders.make_log_entry(link_facts(remote=remote))
    assert _listed(viewer, "open=yes") == [blank.pk]

    named = replace(remote, primary_quote_salesforce_id="a0QQy0000000001AAA")
    builders.make_log_entry(link_facts(remote=named))

    assert _listed(viewer, "open=yes") == []


def _text(client: Client, entry: SyncLog) -> str:
    answer = client.get(page_of(entry))
    assert answer.status_code == 200
    return answer.content.decode()


def _listed(client: Client, query: str) -> list[int]:
    page = client.get(list_of(SyncLog, query)).content.decode()
    table = page.partition('id="result_list"')[2]
    return list(dict.fromkeys(int(pk) for pk in re.findall(r"/synclog/(\d+)/change/", table)))
