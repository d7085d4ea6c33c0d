"""What is explained: the flow, the steps, the sides, the buttons; and what is kept to itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group

from console import outbox
from console.actor import Actor
from console.explain import Explanation, NothingFound, explain
from console.explain.answer import Action, Side
from console.flows import link_via_primary_quote, push_outbound
from console.models import OutboundPush, Quote, SalesforceConnection, Waiting
from syncrules.decisions import StepStatus
from syncrules.facts import MN_ID_FIELD
from syncrules.json_form import from_json, to_json
from syncrules.reasons import Outcome, Owner, Reason
from tests.builders import make_account, make_log_entry, make_opportunity, make_pairing, make_quote
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db
VERA = Actor(name="vera")
CONSOLE = Actor.console("explain")


def told(text: str, *, actor: Actor = CONSOLE) -> Explanation:
    answer = explain(text, actor=actor)
    assert isinstance(answer, Explanation), answer
    return answer


def foreseen(answer: Explanation) -> tuple[str, Outcome, Reason]:
    return answer.decision.flow, answer.decision.outcome, answer.decision.reason


def sides(answer: Explanation) -> tuple[Side, Side]:
    ours, theirs = answer.sides
    assert (ours.system, theirs.system) == ("MonetizeNow", "Salesforce")
    return ours, theirs


def actions(answer: Explanation) -> dict[str, Action]:
    return {action.key: action for action in answer.actions}


# --- Salesforce opportunities --------------------------------------------------------------------


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


def test_clearing_the_field_in_salesforce_is_half_of_a_reassignment(pair: Pair) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)

    assert "half of a reassignment" in told(pair.salesforce_id).remarks[0]

    outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="page", actor=VERA)
    assert told(pair.salesforce_id).remarks == ()  # the push that fills the field is on its way


def test_a_field_that_we_had_filled_and_somebody_emptied_is_judged_by_the_flow(
    pair: Pair, org: Org
) -> None:
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=CONSOLE)
    push_outbound.run(outbox.claim())
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


# --- MN opportunities ----------------------------------------------------------------------------


def test_an_opportunity_that_was_never_linked_is_skipped(connected: SalesforceConnection) -> None:
    answer = told(make_opportunity().mn_id)

    assert foreseen(answer) == ("push_outbound", Outcome.SKIPPED, Reason.LINK_NEVER_ESTABLISHED)
    assert sides(answer)[1].title == "No Salesforce opportunity is known for it"
    assert "No Salesforce opportunity is known" in actions(answer)["push"].why_not


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


# --- Quotes --------------------------------------------------------------------------------------


def test_a_quote_that_is_not_primary_may_become_it(connected: SalesforceConnection) -> None:
    quote = make_quote()

    answer = told(quote.mn_id)

    assert foreseen(answer) == ("update_primary_quote", Outcome.DONE, Reason.PRIMARY_QUOTE_SET)
    assert actions(answer)["set-primary"].why_not == ""
    assert sides(answer)[0].facts["amount"] == "12,000.00 USD"


def test_a_primary_quote_goes_out_with_its_opportunity(pair: Pair) -> None:
    assert told(pair.quote.mn_id).decision.flow == "push_outbound"


def test_a_finalized_deal_says_that_nobody_can_change_it(connected: SalesforceConnection) -> None:
    answer = told(make_quote(opportunity=make_opportunity(status="WON")).mn_id)

    assert answer.decision.reason is Reason.ENTITY_FINALIZED
    assert answer.words.owner is Owner.NOBODY
    assert "finalized" in actions(answer)["set-primary"].why_not


def test_a_quote_without_opportunity_leads_to_nothing(connected: SalesforceConnection) -> None:
    quote = make_quote()
    Quote.objects.update(opportunity=None)

    answer = told(quote.mn_id)

    assert foreseen(answer)[::2] == ("link_via_primary_quote", Reason.QUOTE_WITHOUT_OPPORTUNITY)
    assert answer.actions == ()


def test_a_quote_that_may_not_be_read_tells_nothing_but_that(pair: Pair) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    quote = make_quote(opportunity=pair.opportunity, description="Secret plan", status="EXPIRED")
    quote.readers.add(Group.objects.create(name="deal desk"))
    make_log_entry(opportunity=pair.opportunity, quote_mn_id=quote.mn_id)

    answer = told(quote.mn_id, actor=VERA)

    assert answer.decision.reason is Reason.QUOTE_INACCESSIBLE
    assert (answer.actions, answer.waits, answer.lately) == ((), (), ())
    everything = json.dumps(to_json(answer))
    for secret in (
        pair.opportunity.mn_id,
        pair.opportunity.name,
        pair.salesforce_id,
        pair.quote.mn_id,
        quote.account.name,
        quote.account.mn_id,
        "Secret plan",
        "EXPIRED",
        "12,000",
        "deal desk",
    ):
        assert secret not in everything
    assert told(quote.mn_id).decision.reason is Reason.INVALID_QUOTE_COMBINATION


def test_the_opportunity_behind_a_hidden_primary_quote_is_not_told(pair: Pair) -> None:
    pair.quote.readers.add(Group.objects.create(name="deal desk"))

    answer = told(pair.salesforce_id, actor=VERA)

    assert answer.decision.reason is Reason.QUOTE_INACCESSIBLE
    assert pair.opportunity.mn_id not in json.dumps(to_json(answer))


@pytest.mark.parametrize("of", ["opportunity", "another quote"])
def test_the_status_of_a_hidden_primary_quote_is_not_told(pair: Pair, of: str) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    pair.quote.readers.add(Group.objects.create(name="deal desk"))
    Quote.objects.filter(pk=pair.quote.pk).update(status="ACCEPTED_ADMIN_EDITABLE")
    asked = {
        "opportunity": pair.opportunity.mn_id,
        "another quote": make_quote(opportunity=pair.opportunity).mn_id,
    }[of]

    assert "ACCEPTED_ADMIN_EDITABLE" not in json.dumps(to_json(told(asked, actor=VERA)))
    assert "ACCEPTED_ADMIN_EDITABLE" in json.dumps(to_json(told(asked)))


# --- Accounts ------------------------------------------------------------------------------------


def test_a_matched_account_is_ready_for_a_quote(connected: SalesforceConnection) -> None:
    account = make_account()
    assert account.salesforce_id

    for asked in (account.mn_id, account.salesforce_id):
        answer = told(asked)
        assert foreseen(answer)[:2] == ("create_from_quote_initiation", Outcome.DONE)
        assert sides(answer)[0].title == account.name


@pytest.mark.parametrize("side", ["MonetizeNow", "Salesforce"])
def test_an_account_that_is_not_matched_is_what_stands_in_the_way(
    connected: SalesforceConnection, side: str
) -> None:
    asked = sf_id("001") if side == "Salesforce" else make_account(salesforce_id=None).mn_id

    answer = told(asked)

    assert answer.decision.reason is Reason.ACCOUNT_NOT_LINKED
    assert [step.key for step in answer.decision.steps] == ["connection", "account_is_matched"]


# --- When Salesforce is silent -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_linked", "expected"),
    [(False, Reason.NO_SALESFORCE_CONNECTION), (True, Reason.WILL_BE_RETRIED)],
)
def test_what_can_be_known_without_salesforce_is_still_told(
    pair: Pair, org: Org, *, is_linked: bool, expected: Reason
) -> None:
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=CONSOLE)
    if not is_linked:
        pair.opportunity.associations.all().delete()
    org.break_with(action="status", status=503, times=None)

    answer = told(pair.salesforce_id)

    assert answer.decision.reason is expected
    assert "could not be read just now" in answer.remarks[0]
    assert sides(answer)[1].title == "Northwind"
    assert "as log entry" in sides(answer)[1].source


@pytest.mark.parametrize("state", ["broken", "disabled"])
def test_without_a_live_connection_checking_it_is_offered(pair: Pair, state: str) -> None:
    SalesforceConnection.objects.update(state=state, detail="INVALID_LOGIN")

    answer = told(pair.salesforce_id)

    assert answer.decision.reason is Reason.NO_SALESFORCE_CONNECTION
    assert "INVALID_LOGIN" in str(answer.decision.steps[0])
    assert "check-connection" in actions(answer)


def test_without_any_connection_there_is_nothing_to_check(db: None) -> None:
    answer = told(sf_id())

    assert answer.decision.reason is Reason.NO_SALESFORCE_CONNECTION
    assert "check-connection" not in actions(answer)


# --- Nothing found -------------------------------------------------------------------------------


def test_a_record_that_neither_side_knows_is_unknown(connected: SalesforceConnection) -> None:
    answer = explain(sf_id(), actor=CONSOLE)

    assert isinstance(answer, NothingFound)
    assert any("Salesforce, asked just now" in place for place in answer.looked_in)


def test_a_record_that_is_known_here_and_gone_there_is_explained(
    connected: SalesforceConnection,
) -> None:
    record = make_pairing(ended_at=connected.updated_at, ended_because="old").salesforce_id

    assert told(record).decision.reason is Reason.SALESFORCE_RECORD_GONE


# --- The structure -------------------------------------------------------------------------------


def test_an_explanation_survives_json(pair: Pair) -> None:
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=CONSOLE)
    answer = told(pair.salesforce_id[:15])

    assert from_json(Explanation, json.loads(json.dumps(to_json(answer)))) == answer


def test_pushing_what_is_foreseen_does_what_was_foreseen(pair: Pair, org: Org) -> None:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    answer = told(pair.salesforce_id)

    outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="page", actor=VERA)
    push_outbound.run(outbox.claim())

    fields: dict[str, Any] = org.opportunity(pair.salesforce_id)
    assert answer.decision.reason is Reason.PUSHED
    assert fields[MN_ID_FIELD] == pair.opportunity.mn_id
    assert told(pair.salesforce_id).lately[0].title == answer.words.title
