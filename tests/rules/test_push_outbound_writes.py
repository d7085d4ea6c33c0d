"""Flow D: what exactly is written, and what each rung shows."""

from __future__ import annotations

from typing import Any

import pytest

from syncrules import push_outbound as rule
from syncrules.decisions import Effect
from syncrules.facts import (
    MN_ID_FIELD,
    PRIMARY_QUOTE_FIELD,
    OpportunityStatus,
    PushFacts,
    QuoteStatus,
    WriteFact,
)
from syncrules.reasons import Outcome, Reason
from tests.facts import (
    local_opportunity,
    local_quote,
    pairing_facts,
    push_facts,
    remote_opportunity,
    sf_id,
)
from tests.rules.tables import evidence_by_step

RECORD, QUOTE_RECORD = sf_id(), sf_id("a0Q")
PAIR = pairing_facts(salesforce_id=RECORD)
LINK = {MN_ID_FIELD: "opp_1"}
QUOTE = {PRIMARY_QUOTE_FIELD: QUOTE_RECORD}


def facts(
    *, mn_id: str | None = None, primary_there: str | None = None, **changes: Any
) -> PushFacts:
    """The two keywords say what Salesforce has."""
    remote = remote_opportunity(
        salesforce_id=RECORD, mn_id=mn_id, primary_quote_mn_id=primary_there
    )
    defaults = {"remote": remote, "pairing": PAIR, "quote_records": {"quote_1": QUOTE_RECORD}}
    return push_facts(**(defaults | changes))


WISHES = [
    pytest.param(facts(), LINK | QUOTE, id="both fields are empty"),
    pytest.param(facts(mn_id="opp_1"), QUOTE, id="only the link is there"),
    pytest.param(facts(primary_there="quote_1"), LINK, id="only the primary quote is there"),
    pytest.param(facts(mn_id="opp_1", primary_there="quote_1"), {}, id="both are there"),
    pytest.param(facts(mn_id="opp_1", primary_there="quote_9"), QUOTE, id="another quote is there"),
    pytest.param(facts(quote_records={}), LINK, id="the quote has no record to point to"),
    pytest.param(
        facts(
            mn_id="opp_1",
            primary_there="quote_9",
            opportunity=local_opportunity(primary_quote_mn_id=None),
        ),
        {},
        id="no primary quote of ours: the one in Salesforce is left alone",
    ),
]


@pytest.mark.parametrize(("facts", "wished"), WISHES)
def test_only_what_differs_is_written(facts: PushFacts, wished: dict[str, str]) -> None:
    assert rule.wished(facts, rule.decide(facts)) == wished


def test_a_reference_that_proved_right_is_stored_even_when_nothing_is_written() -> None:
    found = facts(
        mn_id="opp_1",
        primary_there="quote_1",
        pairing=None,
        opportunity=local_opportunity(creation_reference=RECORD),
    )

    decision = rule.decide(found)

    assert decision.reason is Reason.ALREADY_IN_STEP
    assert decision.effects == (Effect.STORE_ASSOCIATION,)


def test_a_quote_without_a_record_holds_up_nothing_else() -> None:
    decision = rule.decide(facts(quote_records={}))

    assert (decision.outcome, decision.effects) == (Outcome.SKIPPED, (Effect.WRITE_LINK,))


LOCKED = [
    pytest.param({"status": OpportunityStatus.LOST}, QuoteStatus.APPROVED, id="the opportunity"),
    pytest.param({}, QuoteStatus.PROCESSED, id="its primary quote"),
]


@pytest.mark.parametrize(("columns", "status"), LOCKED)
def test_the_primary_quote_of_a_finalized_deal_is_not_replaced(
    columns: dict[str, Any], status: QuoteStatus
) -> None:
    deal: dict[str, Any] = {
        "opportunity": local_opportunity(**columns),
        "primary": local_quote(status=status),
    }

    replacing = facts(primary_there="quote_9", **deal)
    filling = facts(primary_there=None, **deal)

    assert rule.decide(replacing).reason is Reason.ENTITY_FINALIZED
    assert rule.wished(replacing, rule.decide(replacing)) == LINK
    assert rule.wished(filling, rule.decide(filling)) == LINK | QUOTE


def test_each_rung_shows_what_it_looked_at() -> None:
    assert evidence_by_step(rule.decide(facts())) == {
        "connection": {"connection": "live", "detail": None},
        "is_located": {"stored association": RECORD, "resolved by": "association"},
        "salesforce_answers": {},
        "record_exists": {"opportunity": "Northwind expansion", "Salesforce id": RECORD},
        "carries_no_other_mn_id": {MN_ID_FIELD: None, "ours": "opp_1"},
        "is_paired_with_no_other": {"stored association": None},
        "replaces_no_locked_quote": {
            "the opportunity": "ACTIVE",
            "our primary quote": "quote_1",
            "its status": None,
            "Salesforce's primary quote": None,
        },
        "quote_has_a_record": {
            "primary quote": "quote_1",
            "its Salesforce record": QUOTE_RECORD,
        },
    }


def test_how_the_reference_was_found_is_shown() -> None:
    referenced = local_opportunity(creation_reference=RECORD)

    decision = rule.decide(facts(pairing=None, opportunity=referenced))

    assert evidence_by_step(decision)["is_located"] == {
        "stored association": None,
        "referenced at creation": RECORD,
        "resolved by": "creation_reference",
    }


def test_a_missing_primary_quote_is_said_to_leave_the_field_alone() -> None:
    decision = rule.decide(facts(opportunity=local_opportunity(primary_quote_mn_id=None)))

    assert evidence_by_step(decision)["quote_has_a_record"] == {
        "primary quote": None,
        "so": "the field in Salesforce is left alone",
    }


def test_after_a_write_the_ladder_tells_how_it_went() -> None:
    write = WriteFact(sent=LINK | QUOTE, found=LINK | QUOTE)

    steps = evidence_by_step(rule.decide(facts(write=write)))

    assert steps["write_is_accepted"] == LINK | QUOTE
    assert steps["values_are_kept"] == {
        "monetize__Id__c sent opp_1": "found opp_1",
        f"monetize__PrimaryQuote__c sent {QUOTE_RECORD}": f"found {QUOTE_RECORD}",
    }
