"""An opportunity of either side: its flow, both sides, the buttons, what waits and happened."""

from __future__ import annotations

import pytest
from django.urls import reverse

from console import claims, outbox
from console.flows import link_via_primary_quote, push_outbound
from console.models import OutboundPush, SalesforceConnection, Waiting
from syncrules.decisions import StepStatus
from syncrules.reasons import Outcome, Owner, Reason
from tests.builders import make_log_entry, make_opportunity, make_pairing
from tests.explain.asking import CONSOLE, VERA, actions, foreseen, sides, told
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db


def test_a_record_that_can_be_linked_names_both_sides_and_offers_the_link(pair: Pair) -> None:
    answer = told(pair.salesforce_id)

    ours, theirs = sides(answer)
    assert foreseen(answer) == ("link_via_primary_quote", Outcome.DONE, Reason.LINKED)
    assert {step.status for step in answer.decision.steps} == {StepStatus.PASSED}
    assert ours.facts["MN id"] == pair.opportunity.mn_id
    assert (theirs.title, theirs.source) == ("Northwind", "read just now")
    assert theirs.facts["that is MN quote"] == pair.quote.mn_id
    link = actions(answer)["link"]
    assert (link.method, link.permission, link.why_not) == ("POST", "console.link_opportunity", "")


def test_a_linked_record_goes_out_by_a_push(pair: Pair) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)

    answer = told(pair.salesforce_id)

    assert foreseen(answer) == ("push_outbound", Outcome.DONE, Reason.PUSHED)
    assert "is linked" in answer.why_this_flow
    assert actions(answer)["push"].why_not == ""


def test_a_record_without_primary_quote_says_who_can_set_it(
    org: Org, connected: SalesforceConnection
) -> None:
    record = sf_id()
    org.add_opportunity(record)

    answer = told(record)

    assert answer.decision.reason is Reason.PRIMARY_QUOTE_MISSING
    assert answer.words.owner is Owner.SALES_REP
    blocked = answer.decision.blocking_step
    assert blocked is not None
    assert blocked.key == "names_a_primary_quote"
    assert answer.decision.steps[-1].status is StepStatus.NOT_REACHED
    assert "No MN id and no primary quote" in actions(answer)["link"].why_not
    assert sides(answer)[0].title == "No MN opportunity is known for it"
    assert actions(answer)["link-by-hand"].path.endswith("/opportunity/?link=no")


def test_a_record_that_carries_an_id_without_a_pair_counts_as_linked(pair: Pair, org: Org) -> None:
    org.add_opportunity(pair.salesforce_id, monetize__Id__c="opp_elsewhere")

    answer = told(pair.salesforce_id)

    assert answer.decision.reason is Reason.OPPORTUNITY_ALREADY_LINKED
    assert "treats it as linked" in answer.why_this_flow


def test_a_conflict_shows_the_pair_that_is_in_the_way(pair: Pair) -> None:
    old = make_pairing(opportunity=pair.opportunity)

    answer = told(pair.salesforce_id)

    assert answer.decision.reason is Reason.CONFLICTING_ASSOCIATION
    assert old.salesforce_id in str(answer.decision.blocking_step)
    assert actions(answer)["relink"].path == reverse(
        "admin:console_relink", args=[pair.opportunity.pk]
    )


def test_clearing_the_field_in_salesforce_is_half_of_a_reassignment(pair: Pair) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)

    assert "half of a reassignment" in told(pair.salesforce_id).remarks[0]

    outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="page", actor=VERA)
    assert told(pair.salesforce_id).remarks == ()  # the push that fills the field is on its way


def test_a_field_that_we_had_filled_and_somebody_emptied_is_judged_by_the_flow(
    pair: Pair, org: Org
) -> None:
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=CONSOLE)
    push_outbound.run(claims.claim())
    org.add_opportunity(pair.salesforce_id, monetize__Id__c=None)

    answer = told(pair.salesforce_id)

    assert foreseen(answer)[::2] == ("link_via_primary_quote", Reason.HALF_REASSIGNMENT)
    assert "was emptied" in answer.why_this_flow
    assert sides(answer)[0].facts["MN id"] == pair.opportunity.mn_id
    assert actions(answer)["push"].why_not == ""


def test_a_damaged_id_is_repaired_and_that_is_said(pair: Pair) -> None:
    answer = told(pair.salesforce_id.lower())

    assert answer.subject.id == pair.salesforce_id
    assert "repaired" in answer.subject.notes[0]
    assert answer.page == f"/admin/explain/{pair.salesforce_id}/"


def test_an_opportunity_that_was_never_linked_is_skipped(connected: SalesforceConnection) -> None:
    opportunity = make_opportunity()

    answer = told(opportunity.mn_id)

    assert foreseen(answer) == ("push_outbound", Outcome.SKIPPED, Reason.LINK_NEVER_ESTABLISHED)
    assert sides(answer)[1].title == "No Salesforce opportunity is known for it"
    assert "No Salesforce opportunity is known" in actions(answer)["push"].why_not
    assert actions(answer)["link-by-hand"].path == reverse(
        "admin:console_opportunity_link", args=[opportunity.pk]
    )


def test_an_opportunity_is_found_through_its_creation_reference(pair: Pair) -> None:
    pair.opportunity.creation_reference = pair.salesforce_id
    pair.opportunity.save(update_fields=["creation_reference"])

    answer = told(pair.opportunity.mn_id)

    assert foreseen(answer) == ("push_outbound", Outcome.DONE, Reason.PUSHED)
    assert "reference" in answer.why_this_flow
    assert sides(answer)[1].facts["Salesforce id"] == pair.salesforce_id


def test_what_waits_and_what_happened_lately_are_listed(pair: Pair) -> None:
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=CONSOLE)
    Waiting.objects.create(
        flow="push_outbound",
        subject=pair.opportunity.mn_id,
        prerequisite="link",
        key=pair.opportunity.mn_id,
        waiting_entry=1,
    )

    answer = told(pair.opportunity.mn_id)

    push = OutboundPush.objects.get()
    assert [wait.what for wait in answer.waits] == [f"push {push.pk}", "push_outbound"]
    assert "goes out by itself" in answer.waits[0].sentence
    assert [line.title for line in answer.lately] == ["Linked"]


def test_the_last_ten_entries_are_shown_newest_first(pair: Pair) -> None:
    entries = [
        make_log_entry(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
        for _ in range(12)
    ]

    answer = told(pair.opportunity.mn_id)

    assert [line.entry for line in answer.lately] == [e.pk for e in reversed(entries[2:])]
