"""Flow C as a table: may this quote become the primary one?"""

from __future__ import annotations

from typing import Any

import pytest

from syncrules import update_primary_quote as rule
from syncrules.decisions import Effect
from syncrules.facts import (
    FINALIZED_OPPORTUNITY,
    FINALIZED_QUOTE,
    OpportunityStatus,
    PrimaryQuoteFacts,
    QuoteStatus,
)
from syncrules.reasons import Reason
from tests.facts import DOWN, LIVE, local_opportunity, local_quote, pairing_facts, sf_id
from tests.rules.tables import Case, assert_is_a_ladder, assert_is_complete, evidence_by_step

RECORD = sf_id()
PROPOSED = local_quote(mn_id="quote_2")


def facts(**changes: Any) -> PrimaryQuoteFacts:
    """quote_2 of the opportunity is proposed, in place of quote_1."""
    defaults: dict[str, Any] = {
        "connection": LIVE,
        "opportunity": local_opportunity(),
        "quote_mn_id": "quote_2",
        "caller": "vera",
        "quote": PROPOSED,
        "present": local_quote(),
        "pairing": pairing_facts(salesforce_id=RECORD),
    }
    return PrimaryQuoteFacts(**(defaults | changes))


def proposing(**changes: Any) -> PrimaryQuoteFacts:
    return facts(quote=local_quote(mn_id="quote_2", **changes))


BELONGS = {
    "the quote's opportunity": "opp_1",
    "this opportunity": "opp_1",
    "the quote's account": "acct_1",
    "this opportunity's account": "acct_1",
}

CASES = {
    "all is well": Case(facts(), Reason.PRIMARY_QUOTE_SET),
    "there was none so far": Case(
        facts(opportunity=local_opportunity(primary_quote_mn_id=None), present=None),
        Reason.PRIMARY_QUOTE_SET,
    ),
    "the opportunity is not linked": Case(facts(pairing=None), Reason.PRIMARY_QUOTE_SET),
    "the connection is broken": Case(
        facts(connection=DOWN),
        Reason.NO_SALESFORCE_CONNECTION,
        stops_at="connection",
        evidence={"connection": "broken", "detail": "INVALID_LOGIN"},
    ),
    "the quote is unknown": Case(
        facts(quote=None),
        Reason.QUOTE_INACCESSIBLE,
        stops_at="quote_is_readable",
        evidence={"MN quote": "quote_2", "found": "unknown here"},
    ),
    "the caller may not read the quote": Case(
        proposing(is_readable=False),
        Reason.QUOTE_INACCESSIBLE,
        stops_at="quote_is_readable",
        evidence={"MN quote": "quote_2", "found": "not readable for vera"},
    ),
    "it is the primary quote already": Case(
        facts(quote_mn_id="quote_1", quote=local_quote()),
        Reason.ALREADY_PRIMARY,
        stops_at="quote_is_another",
        evidence={"present primary quote": "quote_1"},
    ),
    "the quote is of another opportunity": Case(
        proposing(opportunity_mn_id="opp_2"),
        Reason.INVALID_QUOTE_COMBINATION,
        stops_at="quote_belongs_here",
        evidence=BELONGS | {"the quote's opportunity": "opp_2"},
    ),
    "the quote is of another account": Case(
        proposing(account_mn_id="acct_2"),
        Reason.INVALID_QUOTE_COMBINATION,
        stops_at="quote_belongs_here",
        evidence=BELONGS | {"the quote's account": "acct_2"},
    ),
    "the quote has expired": Case(
        proposing(status=QuoteStatus.EXPIRED),
        Reason.INVALID_QUOTE_COMBINATION,
        stops_at="quote_is_alive",
        evidence={"the quote's status": "EXPIRED"},
    ),
    "the deal is finalized": Case(
        facts(
            opportunity=local_opportunity(status=OpportunityStatus.WON),
            present=local_quote(status=QuoteStatus.ACCEPTED),
        ),
        Reason.ENTITY_FINALIZED,
        stops_at="nothing_is_finalized",
        evidence={
            "the opportunity": "WON",
            "the proposed quote": "APPROVED",
            "the present primary quote": "ACCEPTED",
        },
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_decision_and_the_rung_that_led_to_it(case: Case[PrimaryQuoteFacts]) -> None:
    decision = rule.decide(case.facts)

    blocking = decision.blocking_step
    assert decision.reason is case.reason
    assert (blocking.key if blocking else None) == case.stops_at
    assert dict(blocking.evidence if blocking else {}) == dict(case.evidence)
    assert decision.has(Effect.SET_PRIMARY_QUOTE) is (case.stops_at is None)
    assert_is_a_ladder(decision)


def test_every_reason_and_every_rung_has_a_row() -> None:
    only_evidence = "link"
    rungs = [check for check in rule.CHECKS if check.key != only_evidence]

    assert_is_complete(CASES, rule=rule, checks=rungs)


@pytest.mark.parametrize("status", QuoteStatus)
def test_a_quote_is_alive_dead_or_finalized(status: QuoteStatus) -> None:
    dead = {"DENIED", "CANCELED", "EXPIRED", "ARCHIVED"}
    finalized = {"ACCEPTED", "ACCEPTED_ADMIN_EDITABLE", "PROCESSED"}

    reason = rule.decide(proposing(status=status)).reason

    assert (reason is Reason.INVALID_QUOTE_COMBINATION) is (status in dead)
    assert (reason is Reason.ENTITY_FINALIZED) is (status in finalized)


@pytest.mark.parametrize("status", sorted(FINALIZED_OPPORTUNITY))
def test_a_finalized_opportunity_locks_its_primary_quote(status: OpportunityStatus) -> None:
    locked = facts(opportunity=local_opportunity(status=status))

    assert rule.decide(locked).reason is Reason.ENTITY_FINALIZED


@pytest.mark.parametrize("status", sorted(FINALIZED_QUOTE))
def test_a_finalized_primary_quote_cannot_be_replaced(status: QuoteStatus) -> None:
    locked = facts(present=local_quote(status=status))

    assert rule.decide(locked).reason is Reason.ENTITY_FINALIZED


def test_whether_it_is_linked_is_shown_and_does_not_block() -> None:
    linked = evidence_by_step(rule.decide(facts()))["link"]
    unlinked = evidence_by_step(rule.decide(facts(pairing=None)))["link"]

    assert linked["stored association"] == f"opp_1 with {RECORD}"
    assert unlinked == {"stored association": None, "referenced at creation": None}


def test_nothing_is_told_of_a_present_quote_that_the_caller_may_not_read() -> None:
    hidden = local_quote(status=QuoteStatus.ACCEPTED, is_readable=False)

    decision = rule.decide(facts(present=hidden))

    assert decision.reason is Reason.ENTITY_FINALIZED
    shown = evidence_by_step(decision)
    assert shown["quote_is_another"] == {"present primary quote": "not readable for vera"}
    assert shown["nothing_is_finalized"]["the present primary quote"] == "not readable for vera"
