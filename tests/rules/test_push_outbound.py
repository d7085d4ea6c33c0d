"""Flow D as a table: whom to write to, what, and how it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from syncrules import link_rungs as rungs
from syncrules import push_outbound as rule
from syncrules.facts import (
    MN_ID_FIELD,
    PRIMARY_QUOTE_FIELD,
    ClearingFact,
    OpportunityStatus,
    PushFacts,
    QuoteStatus,
    RemoteOpportunity,
    TroubleFact,
    WriteFact,
)
from syncrules.located import Located, ResolvedBy, locate
from syncrules.reasons import Reason
from tests.facts import (
    DOWN,
    local_opportunity,
    local_quote,
    pairing_facts,
    push_facts,
    remote_opportunity,
    sf_id,
)
from tests.rules.tables import Case, assert_is_a_ladder, assert_is_complete

RECORD, OTHER_RECORD, QUOTE_RECORD = sf_id(), sf_id(), sf_id("a0Q")
PAIR = pairing_facts(salesforce_id=RECORD)
QUOTES = {"quote_1": QUOTE_RECORD}
REFERENCED = local_opportunity(creation_reference=RECORD)
EVERY_RUNG = rungs.CONNECTION + rungs.RELEASE + rungs.LOCATE + rungs.READ_BACK + rungs.QUOTE
NOT_LOCATED = {
    "stored association": None,
    "referenced at creation": None,
    "resolved by": "nothing",
}
BOTH = {MN_ID_FIELD: "opp_1", PRIMARY_QUOTE_FIELD: QUOTE_RECORD}


def record(*, mn_id: str | None = None, primary: str | None = None) -> RemoteOpportunity:
    """The record as Salesforce has it: empty of both fields unless told otherwise."""
    return remote_opportunity(salesforce_id=RECORD, mn_id=mn_id, primary_quote_mn_id=primary)


def facts(**changes: Any) -> PushFacts:
    defaults = {"remote": record(), "pairing": PAIR, "quote_records": QUOTES}
    return push_facts(**(defaults | changes))


def unread(reason: Reason, code: str = "CODE") -> PushFacts:
    """Salesforce could not be asked what it has."""
    trouble = TroubleFact(reason, code, "in its words")
    return PushFacts(
        connection=facts().connection,
        opportunity=local_opportunity(),
        pairing=PAIR,
        trouble=trouble,
    )


def told(code: str) -> dict[str, str]:
    return {"Salesforce's code": code, "Salesforce's words": "in its words"}


def gone(**changes: Any) -> PushFacts:
    whole = facts(**changes)
    return replace(whole, remote=None)


def sent(*, found: Mapping[str, str | None]) -> PushFacts:
    return facts(write=WriteFact(sent=BOTH, found=found))


def refused(reason: Reason, code: str) -> PushFacts:
    refusal = TroubleFact(reason, code, "in its words")
    return facts(write=WriteFact(sent=BOTH, refusal=refusal))


CASES = {
    "link and primary quote are to be written": Case(facts(), Reason.PUSHED),
    "only the primary quote differs": Case(facts(remote=record(mn_id="opp_1")), Reason.PUSHED),
    "found by the reference of its creation": Case(
        facts(pairing=None, opportunity=REFERENCED), Reason.PUSHED
    ),
    "written, and reading back shows it": Case(sent(found=BOTH), Reason.PUSHED),
    "the record holds both already": Case(
        facts(remote=record(mn_id="opp_1", primary="quote_1")), Reason.ALREADY_IN_STEP
    ),
    "linked, and without a primary quote": Case(
        facts(
            remote=record(mn_id="opp_1"),
            opportunity=local_opportunity(primary_quote_mn_id=None),
            quote_records={},
        ),
        Reason.ALREADY_IN_STEP,
    ),
    "the connection is broken": Case(
        facts(connection=DOWN),
        Reason.HELD_UNTIL_CONNECTED,
        stops_at="connection",
        evidence={"connection": "broken", "detail": "INVALID_LOGIN"},
    ),
    "neither an association nor a reference": Case(
        gone(pairing=None),
        Reason.LINK_NEVER_ESTABLISHED,
        stops_at="is_located",
        evidence=NOT_LOCATED,
    ),
    "unlinked, and the former partner is free": Case(
        gone(pairing=None, clearing=ClearingFact(OTHER_RECORD, remote=record())),
        Reason.OLD_LINK_CLEARED,
        stops_at="is_located",
        evidence=NOT_LOCATED,
    ),
    "Salesforce will not let go of the former partner": Case(
        facts(
            clearing=ClearingFact(
                OTHER_RECORD,
                remote=record(mn_id="opp_1"),
                refusal=TroubleFact(Reason.REJECTED_BY_SALESFORCE, "LOCKED", "in its words"),
            )
        ),
        Reason.REJECTED_BY_SALESFORCE,
        stops_at="old_partner_is_released",
        evidence={"former partner": OTHER_RECORD, MN_ID_FIELD: "opp_1"} | told("LOCKED"),
    ),
    "Salesforce is down": Case(
        unread(Reason.WILL_BE_RETRIED, "SERVER_UNAVAILABLE"),
        Reason.WILL_BE_RETRIED,
        stops_at="salesforce_answers",
        evidence=told("SERVER_UNAVAILABLE"),
    ),
    "the allowance of calls is used up": Case(
        unread(Reason.API_LIMIT_REACHED, "REQUEST_LIMIT_EXCEEDED"),
        Reason.API_LIMIT_REACHED,
        stops_at="salesforce_answers",
        evidence=told("REQUEST_LIMIT_EXCEEDED"),
    ),
    "an answer that nobody foresaw": Case(
        unread(Reason.UNEXPECTED_ERROR),
        Reason.UNEXPECTED_ERROR,
        stops_at="salesforce_answers",
        evidence=told("CODE"),
    ),
    "the associated record is gone": Case(
        gone(),
        Reason.SALESFORCE_RECORD_GONE,
        stops_at="record_exists",
        evidence={"looked for": RECORD, "resolved by": "association"},
    ),
    "the referenced record is gone": Case(
        gone(pairing=None, opportunity=REFERENCED),
        Reason.SALESFORCE_RECORD_GONE,
        stops_at="record_exists",
        evidence={"looked for": RECORD, "resolved by": "creation_reference"},
    ),
    "the record carries the MN id of another": Case(
        facts(remote=record(mn_id="opp_2")),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="carries_no_other_mn_id",
        evidence={"monetize__Id__c": "opp_2", "ours": "opp_1"},
    ),
    "the record is paired with another": Case(
        facts(
            pairing=None,
            opportunity=REFERENCED,
            pairing_of_record=pairing_facts(opportunity_mn_id="opp_2", salesforce_id=RECORD),
        ),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="is_paired_with_no_other",
        evidence={
            "stored association": f"opp_2 with {RECORD}",
            "linked at": "2026-03-02T12:00:00+00:00",
            "linked by": "link_via_primary_quote (console (poll))",
        },
    ),
    "the deal is finalized, and Salesforce has another primary quote": Case(
        facts(
            remote=record(mn_id="opp_1", primary="quote_9"),
            opportunity=local_opportunity(status=OpportunityStatus.WON),
            primary=local_quote(status=QuoteStatus.ACCEPTED),
        ),
        Reason.ENTITY_FINALIZED,
        stops_at="replaces_no_locked_quote",
        evidence={
            "the opportunity": "WON",
            "our primary quote": "quote_1",
            "its status": "ACCEPTED",
            "Salesforce's primary quote": "quote_9",
        },
    ),
    "the primary quote has no record yet": Case(
        facts(quote_records={}),
        Reason.QUOTE_NOT_IN_SALESFORCE,
        stops_at="quote_has_a_record",
        evidence={"primary quote": "quote_1", "its Salesforce record": None},
    ),
    "Salesforce refused the write": Case(
        refused(Reason.REJECTED_BY_SALESFORCE, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        Reason.REJECTED_BY_SALESFORCE,
        stops_at="write_is_accepted",
        evidence=BOTH | told("FIELD_CUSTOM_VALIDATION_EXCEPTION"),
    ),
    "the record stayed locked to the last": Case(
        refused(Reason.RETRIES_EXHAUSTED, "UNABLE_TO_LOCK_ROW"),
        Reason.RETRIES_EXHAUSTED,
        stops_at="write_is_accepted",
        evidence=BOTH | told("UNABLE_TO_LOCK_ROW"),
    ),
    "Salesforce took both and kept one": Case(
        sent(found={MN_ID_FIELD: "opp_1", PRIMARY_QUOTE_FIELD: None}),
        Reason.ACCEPTED_NOT_APPLIED,
        stops_at="values_are_kept",
        evidence={
            "monetize__Id__c sent opp_1": "found opp_1",
            f"monetize__PrimaryQuote__c sent {QUOTE_RECORD}": "found nothing",
        },
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_decision_and_the_rung_that_led_to_it(case: Case[PushFacts]) -> None:
    decision = rule.decide(case.facts)

    blocking = decision.blocking_step
    assert decision.reason is case.reason
    assert (blocking.key if blocking else None) == case.stops_at
    assert dict(blocking.evidence if blocking else {}) == dict(case.evidence)
    assert_is_a_ladder(decision)


def test_every_reason_and_every_rung_has_a_row() -> None:
    assert_is_complete(CASES, rule=rule, checks=EVERY_RUNG)


# --- Whom --------------------------------------------------------------------------------------


def test_the_stored_association_comes_before_the_reference() -> None:
    pairing = pairing_facts(salesforce_id=OTHER_RECORD)

    assert locate(REFERENCED, pairing) == Located(ResolvedBy.ASSOCIATION, OTHER_RECORD)


def test_without_an_association_the_reference_is_used() -> None:
    assert locate(REFERENCED, None) == Located(ResolvedBy.CREATION_REFERENCE, RECORD)


def test_without_either_there_is_no_record_to_write_to() -> None:
    assert locate(local_opportunity(), None) == Located(ResolvedBy.NOTHING, None)
