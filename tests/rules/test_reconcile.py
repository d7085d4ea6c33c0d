"""Reconcile as a table: each field with each verdict it can have, and what tells them apart.

The products have a table of their own, in test_reconcile_products.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import pytest

from console.environment import BASE_DIR
from syncrules import reconcile as rule
from syncrules.drift import CATALOGUE, OF_PRODUCTS, Because, DriftField, Verdict
from syncrules.drift_facts import Claimed, ClaimFacts, LinkWritten, RecordState
from tests.facts import NOON, local_opportunity, sf_id
from tests.rules.drift import (
    AFTER,
    BEFORE,
    PARKED,
    QUEUED,
    QUOTE_RECORD,
    RECORD,
    Case,
    assert_finds,
    pair,
    state,
)
from tests.rules.test_reconcile_products import LINES

F, B, V = DriftField, Because, Verdict


# --- Pairs ---------------------------------------------------------------------------------------


def names(mn_id: str | None, record: str | None = None) -> RecordState:
    """The record with another primary quote; None for none at all."""
    return state(
        primary_quote_mn_id=mn_id,
        primary_quote_salesforce_id=record or (sf_id("a0Q") if mn_id else None),
    )


NO_ID = state(mn_id=None)
OTHERS = state(mn_id="opp_2", amount=Decimal("-4000.00"))
CHANGED_OURS = local_opportunity(primary_quote_mn_id="quote_2")
PAIRS: Final[Mapping[str, Case]] = {
    "both sides agree": Case(pair(state())),
    "the record was deleted or merged": Case(pair(None), B.RECORD_GONE, F.RECORD, RECORD, None),
    # the link
    "the record names another opportunity": Case(
        pair(OTHERS, claimed=Claimed("opp_2", is_known=True)),
        *(B.OTHER_ID, F.LINK, "opp_1", "opp_2", "4000.00"),
    ),
    "the id is empty and was written": Case(pair(NO_ID), B.EMPTIED, F.LINK, "opp_1", None),
    "the id is empty and never was written": Case(
        pair(NO_ID, written=None), B.NEVER_WRITTEN, F.LINK, "opp_1", None
    ),
    "the id is empty and a push waits": Case(
        pair(NO_ID, push=QUEUED), B.PUSH_UNDER_WAY, F.LINK, "opp_1", None
    ),
    "the id is empty and its push was set aside": Case(
        pair(NO_ID, push=PARKED), B.PUSH_STANDS_STILL, F.LINK, "opp_1", None
    ),
    # the primary quote
    "Salesforce names the quote that was written, we have another": Case(
        pair(state(), opportunity=CHANGED_OURS),
        *(B.CHANGED_HERE, F.PRIMARY_QUOTE, "quote_2", "quote_1"),
    ),
    "the same, and a push waits": Case(
        pair(state(), opportunity=CHANGED_OURS, push=QUEUED),
        *(B.PUSH_UNDER_WAY, F.PRIMARY_QUOTE, "quote_2", "quote_1"),
    ),
    "the same, and its push was set aside": Case(
        pair(state(), opportunity=CHANGED_OURS, push=PARKED),
        *(B.PUSH_STANDS_STILL, F.PRIMARY_QUOTE, "quote_2", "quote_1"),
    ),
    "Salesforce names another than was written": Case(
        pair(names("quote_3")), B.CHANGED_THERE, F.PRIMARY_QUOTE, "quote_1", "quote_3"
    ),
    "both sides changed": Case(
        pair(names("quote_3"), opportunity=CHANGED_OURS),
        *(B.CHANGED_THERE, F.PRIMARY_QUOTE, "quote_2", "quote_3"),
    ),
    "Salesforce went back to an earlier quote": Case(
        pair(names("quote_0"), written=LinkWritten(41, BEFORE, "quote_1")),
        *(B.CHANGED_THERE, F.PRIMARY_QUOTE, "quote_1", "quote_0"),
    ),
    "the quote record there cannot be read": Case(
        pair(names(None, record=QUOTE_RECORD)),
        *(B.CHANGED_THERE, F.PRIMARY_QUOTE, "quote_1", QUOTE_RECORD),
    ),
    "never pushed, and ours was chosen later": Case(
        pair(names("quote_3"), written=None, primary_set_at=AFTER),
        *(B.CHOSEN_LATER, F.PRIMARY_QUOTE, "quote_1", "quote_3"),
    ),
    "never pushed, and Salesforce changed later": Case(
        pair(names("quote_3"), written=None, primary_set_at=BEFORE),
        *(B.NEVER_OURS, F.PRIMARY_QUOTE, "quote_1", "quote_3"),
    ),
    "never pushed, and nobody knows when ours was chosen": Case(
        pair(names("quote_3"), written=None), B.NEVER_OURS, F.PRIMARY_QUOTE, "quote_1", "quote_3"
    ),
    "no quote there, and one was written": Case(
        pair(names(None)), B.EMPTIED, F.PRIMARY_QUOTE, "quote_1", None
    ),
    "no quote there, and none was written": Case(
        pair(names(None), written=LinkWritten(41, BEFORE, None)),
        *(B.NEVER_WRITTEN, F.PRIMARY_QUOTE, "quote_1", None),
    ),
    "we had none at the last push, and chose one after Salesforce changed": Case(
        pair(names("quote_3"), written=LinkWritten(41, BEFORE, None), primary_set_at=AFTER),
        *(B.CHOSEN_LATER, F.PRIMARY_QUOTE, "quote_1", "quote_3"),
    ),
    "no primary quote here: the field is left alone": Case(
        pair(state(), opportunity=local_opportunity(primary_quote_mn_id=None))
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_what_differs_of_a_pair(name: str) -> None:
    case = PAIRS[name]

    assert_finds(rule.judge_pair(case.facts), case)


def test_a_cleared_record_lacks_both_fields() -> None:
    found = rule.judge_pair(pair(state(**_CLEARED)))

    assert [each.field for each in found] == [F.LINK, F.PRIMARY_QUOTE]


_CLEARED: Final = {
    "mn_id": None,
    "primary_quote_mn_id": None,
    "primary_quote_salesforce_id": None,
}


# --- Claims --------------------------------------------------------------------------------------

CLAIMS: Final[Mapping[str, Case]] = {
    "a clone of a linked record": Case(
        ClaimFacts(state(amount=Decimal(100)), Claimed("opp_1", is_known=True, partner=sf_id())),
        *(B.COPIED_ID, F.CLAIM, None, "opp_1", "100.00"),
    ),
    "an opportunity that is not linked": Case(
        ClaimFacts(state(), Claimed("opp_1", is_known=True)),
        *(B.ID_WITHOUT_PAIR, F.CLAIM, None, "opp_1"),
    ),
    "an id that nobody here has": Case(
        ClaimFacts(state(mn_id="opp_x"), Claimed("opp_x", is_known=False)),
        *(B.UNKNOWN_ID, F.CLAIM, None, "opp_x"),
    ),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_what_a_claim_means(name: str) -> None:
    case = CLAIMS[name]

    assert_finds([rule.judge_claim(case.facts)], case)


# --- All of them ---------------------------------------------------------------------------------

EVERY_CASE: Final = [*PAIRS.values(), *LINES.values(), *CLAIMS.values()]


def test_every_reason_and_every_field_occurs() -> None:
    assert {case.because for case in EVERY_CASE} == {None, *Because}
    assert {case.field for case in EVERY_CASE} == {None, *DriftField}


def test_every_field_that_can_be_written_occurs_with_each_verdict_it_can_have() -> None:
    found = {(case.field, CATALOGUE[case.because].verdict) for case in EVERY_CASE if case.because}
    both_ways = {V.OURS_NEWER, V.THEIRS_CHANGED}

    for each in (F.PRIMARY_QUOTE, *OF_PRODUCTS - {F.SERVICE_DATE}):
        assert {(each, verdict) for verdict in both_ways} <= found, each
    for each in (F.LINK, F.PRIMARY_QUOTE, F.LINE, F.SERVICE_DATE, F.AMOUNT):
        assert (each, V.MISSING) in found, each
    for each in (F.RECORD, F.LINK, F.CLAIM):
        assert (each, V.FOREIGN) in found, each


def test_the_words_of_every_reason_are_documented() -> None:
    page = (BASE_DIR / "docs/flows.md").read_text().partition("`reconcile`")[2]

    missing = [because for because in Because if f"| `{because}` |" not in page]
    assert missing == []


def test_the_evidence_says_what_was_written_when_and_where_that_stands() -> None:
    [found] = rule.judge_pair(pair(names("quote_3")))

    assert found.evidence == {
        "last written": "quote_1",
        "written at": BEFORE.isoformat(),
        "log entry": "41",
    }


def test_without_a_push_on_record_the_evidence_is_both_times() -> None:
    [found] = rule.judge_pair(pair(names("quote_3"), written=None, primary_set_at=AFTER))

    assert found.evidence == {
        "last written": "nothing on record",
        "ours was set at": AFTER.isoformat(),
        "the record changed at": NOON.isoformat(),
    }
