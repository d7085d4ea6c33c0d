"""Linking by hand as a table: is each of the two free for the other?"""

from __future__ import annotations

from typing import Any

import pytest

from syncrules import link_by_hand as rule
from syncrules.decisions import Effect
from syncrules.facts import ManualLinkFacts
from syncrules.reasons import Reason
from tests.facts import DOWN, LIVE, local_opportunity, pairing_facts, remote_opportunity, sf_id
from tests.rules.tables import Case, assert_is_a_ladder, assert_is_complete

RECORD, OTHER_RECORD = sf_id(), sf_id()
PAIR = pairing_facts(salesforce_id=RECORD)
LINKED_AT_NOON = {
    "linked at": "2026-03-02T12:00:00+00:00",
    "linked by": "link_via_primary_quote (console (poll))",
}


def facts(*, mn_id: str | None = None, **changes: Any) -> ManualLinkFacts:
    """`mn_id` is what the record carries."""
    defaults: dict[str, Any] = {
        "connection": LIVE,
        "salesforce_id": RECORD,
        "opportunity": local_opportunity(),
        "remote": remote_opportunity(salesforce_id=RECORD, mn_id=mn_id),
    }
    return ManualLinkFacts(**(defaults | changes))


CASES = {
    "both are free": Case(facts(), Reason.LINKED),
    "the record carries this MN id, and no pair is stored": Case(
        facts(mn_id="opp_1"), Reason.LINKED
    ),
    "the two are a pair already": Case(
        facts(pairing_of_opportunity=PAIR, pairing_of_record=PAIR), Reason.ALREADY_LINKED
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
    "the record carries another MN id": Case(
        facts(mn_id="opp_2"),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="carries_no_other_mn_id",
        evidence={"monetize__Id__c": "opp_2", "ours": "opp_1"},
    ),
    "the MN opportunity has another record": Case(
        facts(pairing_of_opportunity=pairing_facts(salesforce_id=OTHER_RECORD)),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="opportunity_is_free",
        evidence={"stored association": f"opp_1 with {OTHER_RECORD}", **LINKED_AT_NOON},
    ),
    "the record has another MN opportunity": Case(
        facts(pairing_of_record=pairing_facts(opportunity_mn_id="opp_2", salesforce_id=RECORD)),
        Reason.CONFLICTING_ASSOCIATION,
        stops_at="record_is_free",
        evidence={"stored association": f"opp_2 with {RECORD}", **LINKED_AT_NOON},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_decision_and_the_rung_that_led_to_it(case: Case[ManualLinkFacts]) -> None:
    decision = rule.decide(case.facts)

    blocking = decision.blocking_step
    assert decision.reason is case.reason
    assert (blocking.key if blocking else None) == case.stops_at
    assert dict(blocking.evidence if blocking else {}) == dict(case.evidence)
    assert decision.has(Effect.STORE_ASSOCIATION) is (case.reason is Reason.LINKED)
    assert_is_a_ladder(decision)


def test_every_reason_and_every_rung_has_a_row() -> None:
    assert_is_complete(CASES, rule=rule, checks=rule.CHECKS)
