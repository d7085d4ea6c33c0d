"""Flow A as a table: one row per way in which an arriving Salesforce opportunity may fare."""

from __future__ import annotations

import pytest

from syncrules import link_via_primary_quote as rule
from syncrules.decisions import Effect
from syncrules.facts import LinkFacts, RemoteOpportunity
from syncrules.reasons import Outcome, Reason
from tests.facts import (
    DOWN,
    NOON,
    link_facts,
    local_opportunity,
    local_quote,
    pairing_facts,
    remote_opportunity,
    sf_id,
)
from tests.rules.tables import Case, assert_is_a_ladder, assert_is_complete, evidence_by_step

RECORD, OTHER_RECORD, QUOTE_RECORD = sf_id(), sf_id(), sf_id("a0Q")
SAME_PAIR = pairing_facts(salesforce_id=RECORD)
WITH_OTHER_RECORD = pairing_facts(salesforce_id=OTHER_RECORD)
OF_OTHER_OPPORTUNITY = pairing_facts(opportunity_mn_id="opp_2", salesforce_id=RECORD)
LINKED_AT_NOON = {
    "linked at": "2026-03-02T12:00:00+00:00",
    "linked by": "link_via_primary_quote (console (poll))",
}

CLEARED_SINCE_NOON = {
    "monetize__Id__c": None,
    "stored association": f"opp_1 with {RECORD}",
    **LINKED_AT_NOON,
    "MN id last written": "2026-03-02T12:00:00+00:00",
}


def record(**changes: object) -> RemoteOpportunity:
    return remote_opportunity(
        salesforce_id=RECORD, primary_quote_salesforce_id=QUOTE_RECORD, **changes
    )


def carrying(mn_id: str, **changes: object) -> LinkFacts:
    return link_facts(remote=record(mn_id=mn_id), **changes)


def quoteless(**changes: object) -> LinkFacts:
    remote = remote_opportunity(
        salesforce_id=RECORD, primary_quote_salesforce_id=None, primary_quote_mn_id=None
    )
    return link_facts(remote=remote, quote=None, opportunity=None, **changes)


def gone() -> LinkFacts:
    return LinkFacts(connection=link_facts().connection, salesforce_id=RECORD, caller="vera")


CASES = {
    "all is well": Case(link_facts(remote=record()), Reason.LINKED),
    "exactly this pair is stored already": Case(
        link_facts(remote=record(), pairing_of_opportunity=SAME_PAIR, pairing_of_record=SAME_PAIR),
        Reason.ALREADY_LINKED,
    ),
    "the connection is broken": Case(
        link_facts(remote=record(), connection=DOWN),
        Reason.NO_SALESFORCE_CONNECTION,
        stops_at="connection",
        evidence={"connection": "broken", "detail": "INVALID_LOGIN"},
    ),
    "the record is gone": Case(
        gone(),
        Reason.SALESFORCE_RECORD_GONE,
        stops_at="record_exists",
        evidence={"looked for": RECORD},
    ),
    "the record carries the MN id of its stored partner": Case(
        carrying("opp_1", pairing_of_record=SAME_PAIR),
        Reason.OPPORTUNITY_ALREADY_LINKED,
        stops_at="carries_no_mn_id",
        evidence={"monetize__Id__c": "opp_1", "stored association": "opp_1"},
    ),
    "the record carries an MN id and no association is stored": Case(
        carrying("opp_1"),
        Reason.OPPORTUNITY_ALREADY_LINKED,
        stops_at="carries_no_mn_id",
        evidence={
            "monetize__Id__c": "opp_1",
            "stored association": None,
            "drift": "the record and the stored association name different partners",
        },
    ),
    "the record carries another MN id than the stored association": Case(
        carrying("opp_1", pairing_of_record=OF_OTHER_OPPORTUNITY),
        Reason.OPPORTUNITY_ALREADY_LINKED,
        stops_at="carries_no_mn_id",
        evidence={
            "monetize__Id__c": "opp_1",
            "stored association": "opp_2",
            "drift": "the record and the stored association name different partners",
        },
    ),
    "its MN id was cleared after a push had written it": Case(
        link_facts(
            remote=record(),
            pairing_of_opportunity=SAME_PAIR,
            pairing_of_record=SAME_PAIR,
            was_written_at=NOON,
        ),
        Reason.HALF_REASSIGNMENT,
        stops_at="salesforce_half_stands",
        evidence=CLEARED_SINCE_NOON,
    ),
    "its MN id and its primary quote were cleared": Case(
        quoteless(pairing_of_record=SAME_PAIR, was_written_at=NOON),
        Reason.HALF_REASSIGNMENT,
        stops_at="salesforce_half_stands",
        evidence=CLEARED_SINCE_NOON,
    ),
    "it was cleared and given the primary quote of another opportunity": Case(
        link_facts(remote=record(), pairing_of_record=OF_OTHER_OPPORTUNITY, was_written_at=NOON),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="record_is_free",
        evidence={"stored association": f"opp_2 with {RECORD}", **LINKED_AT_NOON},
    ),
    "it was cleared and given a primary quote that is unknown here": Case(
        link_facts(
            remote=record(),
            quote=None,
            opportunity=None,
            pairing_of_record=SAME_PAIR,
            was_written_at=NOON,
        ),
        Reason.QUOTE_INACCESSIBLE,
        stops_at="quote_is_known",
        evidence={"MN quote": "quote_1", "found": "unknown here"},
    ),
    "the record names no primary quote": Case(
        quoteless(),
        Reason.PRIMARY_QUOTE_MISSING,
        stops_at="names_a_primary_quote",
        evidence={"monetize__Id__c": None, "monetize__PrimaryQuote__c": None, "MN quote": None},
    ),
    "the quote is unknown here": Case(
        link_facts(remote=record(), quote=None, opportunity=None),
        Reason.QUOTE_INACCESSIBLE,
        stops_at="quote_is_known",
        evidence={"MN quote": "quote_1", "found": "unknown here"},
    ),
    "the quote record carries no MN id": Case(
        link_facts(remote=record(primary_quote_mn_id=None), quote=None, opportunity=None),
        Reason.QUOTE_INACCESSIBLE,
        stops_at="quote_is_known",
        evidence={"MN quote": None, "found": "the quote record in Salesforce carries no MN id"},
    ),
    "the caller may not read the quote": Case(
        link_facts(remote=record(), caller="vera", quote=local_quote(is_readable=False)),
        Reason.QUOTE_INACCESSIBLE,
        stops_at="quote_is_readable",
        evidence={"MN quote": "quote_1", "found": "not readable for vera"},
    ),
    "the quote belongs to no opportunity": Case(
        link_facts(remote=record(), quote=local_quote(opportunity_mn_id=None), opportunity=None),
        Reason.QUOTE_WITHOUT_OPPORTUNITY,
        stops_at="quote_has_an_opportunity",
        evidence={"MN quote": "quote_1", "MN account": "acct_1"},
    ),
    "the MN opportunity is tied to another record": Case(
        link_facts(remote=record(), pairing_of_opportunity=WITH_OTHER_RECORD),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="opportunity_is_free",
        evidence={"stored association": f"opp_1 with {OTHER_RECORD}", **LINKED_AT_NOON},
    ),
    "the record is tied to another MN opportunity": Case(
        link_facts(remote=record(), pairing_of_record=OF_OTHER_OPPORTUNITY),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="record_is_free",
        evidence={"stored association": f"opp_2 with {RECORD}", **LINKED_AT_NOON},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_decision_and_the_rung_that_led_to_it(case: Case[LinkFacts]) -> None:
    decision = rule.decide(case.facts)

    blocking = decision.blocking_step
    assert decision.reason is case.reason
    assert (blocking.key if blocking else None) == case.stops_at
    assert dict(blocking.evidence if blocking else {}) == dict(case.evidence)
    assert_is_a_ladder(decision)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_only_a_new_link_has_anything_to_write(case: Case[LinkFacts]) -> None:
    effects = rule.decide(case.facts).effects

    expected = (
        (Effect.STORE_ASSOCIATION, Effect.REQUEST_PUSH) if case.reason is Reason.LINKED else ()
    )
    assert effects == expected


def test_each_rung_shows_what_it_looked_at() -> None:
    facts = link_facts(remote=record(), opportunity=local_opportunity(), caller="vera")

    assert evidence_by_step(rule.decide(facts)) == {
        "connection": {"connection": "live", "detail": None},
        "record_exists": {"opportunity": "Northwind expansion", "Salesforce id": RECORD},
        "carries_no_mn_id": {"monetize__Id__c": None},
        "salesforce_half_stands": {"stored association": None, "MN id last written": None},
        "names_a_primary_quote": {
            "monetize__PrimaryQuote__c": QUOTE_RECORD,
            "MN quote": "quote_1",
        },
        "quote_is_known": {"MN quote": "quote_1"},
        "quote_is_readable": {"status": "APPROVED", "caller": "vera"},
        "quote_has_an_opportunity": {"MN opportunity": "opp_1", "status": "ACTIVE"},
        "opportunity_is_free": {"stored association": None},
        "record_is_free": {"stored association": None},
    }


def test_a_repeated_link_shows_the_pair_that_is_stored() -> None:
    case = CASES["exactly this pair is stored already"]

    decision = rule.decide(case.facts)

    told = {"stored association": f"opp_1 with {RECORD}", **LINKED_AT_NOON}
    assert evidence_by_step(decision)["opportunity_is_free"] == told
    assert evidence_by_step(decision)["record_is_free"] == told
    assert decision.outcome is Outcome.NOTHING_TO_DO


def test_an_mn_id_on_the_record_is_looked_at_before_its_quote() -> None:
    """The path through the primary quote is not taken at all, whatever the quote would say."""
    facts = carrying("opp_1", quote=local_quote(is_readable=False))

    assert rule.decide(facts).reason is Reason.OPPORTUNITY_ALREADY_LINKED


def test_every_reason_and_every_rung_has_a_row() -> None:
    assert_is_complete(CASES, rule=rule, checks=rule.CHECKS)
