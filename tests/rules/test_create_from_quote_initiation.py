"""Flow B as a table: a quote is started from a Salesforce opportunity."""

from __future__ import annotations

from typing import Any

import pytest

from syncrules import create_from_quote_initiation as rule
from syncrules.decisions import Effect
from syncrules.facts import InitiationFacts, LocalAccount, RemoteOpportunity
from syncrules.reasons import Reason
from tests.facts import DOWN, LIVE, local_opportunity, pairing_facts, remote_opportunity, sf_id
from tests.rules.tables import Case, assert_is_a_ladder, assert_is_complete, evidence_by_step

RECORD, ACCOUNT = sf_id(), sf_id("001")
PAIR = pairing_facts(salesforce_id=RECORD)
TOLD = {
    "stored association": f"opp_1 with {RECORD}",
    "linked at": "2026-03-02T12:00:00+00:00",
    "linked by": "link_via_primary_quote (console (poll))",
}


def record(**changes: Any) -> RemoteOpportunity:
    return remote_opportunity(
        **{"salesforce_id": RECORD, "account_salesforce_id": ACCOUNT} | changes
    )


def facts(**changes: Any) -> InitiationFacts:
    defaults: dict[str, Any] = {
        "connection": LIVE,
        "salesforce_id": RECORD,
        "remote": record(),
        "account": LocalAccount("acct_1", "Northwind Traders", ACCOUNT),
    }
    return InitiationFacts(**(defaults | changes))


CASES = {
    "all is well": Case(facts(), Reason.OPPORTUNITY_CREATED),
    "the record is linked already": Case(facts(pairing_of_record=PAIR), Reason.OPPORTUNITY_REUSED),
    "the record is linked and carries that MN id": Case(
        facts(remote=record(mn_id="opp_1"), pairing_of_record=PAIR), Reason.OPPORTUNITY_REUSED
    ),
    "the connection is broken": Case(
        facts(connection=DOWN),
        Reason.NO_SALESFORCE_CONNECTION,
        stops_at="connection",
        evidence={"connection": "broken", "detail": "INVALID_LOGIN"},
    ),
    "the record is gone": Case(
        facts(remote=None),
        Reason.SALESFORCE_RECORD_GONE,
        stops_at="record_exists",
        evidence={"looked for": RECORD},
    ),
    "the record has no name": Case(
        facts(remote=record(name="  ")),
        Reason.MISSING_REQUIRED_FIELD,
        stops_at="has_required_fields",
        evidence={"Name": None, "AccountId": ACCOUNT},
    ),
    "the record has no account": Case(
        facts(remote=record(account_salesforce_id=None), account=None),
        Reason.MISSING_REQUIRED_FIELD,
        stops_at="has_required_fields",
        evidence={"Name": "Northwind expansion", "AccountId": None},
    ),
    "no MN account carries the record's account": Case(
        facts(account=None),
        Reason.ACCOUNT_NOT_LINKED,
        stops_at="account_is_matched",
        evidence={"Salesforce account": ACCOUNT, "MN account": None},
    ),
    "the record carries an MN id and no pair is stored": Case(
        facts(remote=record(mn_id="opp_9")),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="is_nobody_elses",
        evidence={"monetize__Id__c": "opp_9", "stored association": None},
    ),
    "the record carries another MN id than its stored pair": Case(
        facts(remote=record(mn_id="opp_9"), pairing_of_record=PAIR),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="is_nobody_elses",
        evidence={"monetize__Id__c": "opp_9", **TOLD},
    ),
    "one MN opportunity was created for it": Case(
        facts(referenced_by=(local_opportunity(),)), Reason.OPPORTUNITY_REUSED
    ),
    "the record carries the id of the one that was created for it": Case(
        facts(remote=record(mn_id="opp_1"), referenced_by=(local_opportunity(),)),
        Reason.OPPORTUNITY_REUSED,
    ),
    "the record carries another MN id than the one that was created for it": Case(
        facts(remote=record(mn_id="opp_9"), referenced_by=(local_opportunity(),)),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="is_nobody_elses",
        evidence={"monetize__Id__c": "opp_9", "stored association": None},
    ),
    "two MN opportunities were created for it": Case(
        facts(referenced_by=(local_opportunity(), local_opportunity(mn_id="opp_2", name="Twin"))),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="was_created_for_once",
        evidence={"created for it, not linked yet": "Northwind expansion (opp_1), Twin (opp_2)"},
    ),
}
CREATES = {
    Reason.OPPORTUNITY_CREATED: (
        Effect.CREATE_OPPORTUNITY,
        Effect.STORE_ASSOCIATION,
        Effect.CREATE_QUOTE,
        Effect.REQUEST_PUSH,
    ),
    Reason.OPPORTUNITY_REUSED: (Effect.CREATE_QUOTE,),
}
LINKS_TOO = (Effect.STORE_ASSOCIATION, Effect.CREATE_QUOTE, Effect.REQUEST_PUSH)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_decision_and_the_rung_that_led_to_it(case: Case[InitiationFacts]) -> None:
    decision = rule.decide(case.facts)

    blocking = decision.blocking_step
    assert decision.reason is case.reason
    assert (blocking.key if blocking else None) == case.stops_at
    assert dict(blocking.evidence if blocking else {}) == dict(case.evidence)
    assert_is_a_ladder(decision)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_nothing_at_all_is_created_when_a_rung_blocks(case: Case[InitiationFacts]) -> None:
    decision = rule.decide(case.facts)

    is_reference = decision.reason is Reason.OPPORTUNITY_REUSED and case.facts.referenced_by
    assert decision.effects == (LINKS_TOO if is_reference else CREATES.get(case.reason, ()))


def test_one_that_was_created_for_the_record_is_linked_and_none_is_created() -> None:
    decision = rule.decide(facts(referenced_by=(local_opportunity(),)))

    assert decision.effects == LINKS_TOO


def test_no_primary_quote_is_ever_set() -> None:
    effects = {effect for case in CASES.values() for effect in rule.decide(case.facts).effects}

    assert Effect.SET_PRIMARY_QUOTE not in effects


def test_the_account_comes_first_even_for_a_record_that_is_linked() -> None:
    decision = rule.decide(facts(account=None, pairing_of_record=PAIR))

    assert decision.reason is Reason.ACCOUNT_NOT_LINKED
    assert decision.effects == ()


def test_every_reason_and_every_rung_has_a_row() -> None:
    assert_is_complete(CASES, rule=rule, checks=rule.CHECKS)


def test_each_rung_shows_what_it_looked_at() -> None:
    assert evidence_by_step(rule.decide(facts())) == {
        "connection": {"connection": "live", "detail": None},
        "record_exists": {"opportunity": "Northwind expansion", "Salesforce id": RECORD},
        "has_required_fields": {"Name": "Northwind expansion", "AccountId": ACCOUNT},
        "account_is_matched": {
            "Salesforce account": ACCOUNT,
            "MN account": "Northwind Traders (acct_1)",
        },
        "is_nobody_elses": {"monetize__Id__c": None, "stored association": None},
        "was_created_for_once": {"created for it, not linked yet": None},
    }
