"""Pairs and products that are in step, and rows of the tables that change them in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from syncrules.drift import CATALOGUE, Because, DriftField, Finding
from syncrules.drift_facts import (
    LinkWritten,
    OpenPush,
    PairFacts,
    ProductFacts,
    ProductsWritten,
    RecordState,
)
from syncrules.line_facts import RemoteLine
from syncrules.sync_products import ProductSyncSettings
from tests.facts import NOON, local_opportunity, pairing_facts, remote_opportunity, sf_id
from tests.rules.lines import quote, remote

RECORD, QUOTE_RECORD = sf_id(), sf_id("a0Q")
BEFORE, AFTER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
QUEUED: Final = OpenPush(7, "queued", is_moving=True)
PARKED: Final = OpenPush(7, "parked", is_moving=False, reason="rejected_by_salesforce")


@dataclass(frozen=True)
class Case:
    """A row: the facts, and the finding in short. `because` None: the sides are equal."""

    facts: Any
    because: Because | None = None
    field: DriftField | None = None
    ours: str | None = None
    theirs: str | None = None
    money: str | None = None


def assert_finds(found: Sequence[Finding], case: Case) -> None:
    if case.because is None:
        assert list(found) == []
        return
    [finding] = found
    money = None if case.money is None else Decimal(case.money)
    assert (finding.because, finding.field) == (case.because, case.field)
    assert (finding.ours, finding.theirs, finding.money) == (case.ours, case.theirs, money)
    assert finding.verdict is CATALOGUE[case.because].verdict
    assert finding.evidence or finding.because is Because.OTHER_ID


def state(**changes: Any) -> RecordState:
    """The record as a push leaves it, last changed at noon."""
    own = {key: changes.pop(key) for key in ("amount", "changed_by") if key in changes}
    defaults = {
        "salesforce_id": RECORD,
        "mn_id": "opp_1",
        "primary_quote_mn_id": "quote_1",
        "primary_quote_salesforce_id": QUOTE_RECORD,
    }
    return RecordState(remote_opportunity(**(defaults | changes)), changed_at=NOON, **own)


def pair(record: RecordState | None = None, **changes: Any) -> PairFacts:
    """A pair in step: what we have is what was written."""
    defaults: dict[str, Any] = {
        "opportunity": local_opportunity(),
        "pairing": pairing_facts(salesforce_id=RECORD),
        "state": record,
        "written": LinkWritten(41, BEFORE, "quote_1"),
    }
    return PairFacts(**(defaults | changes))


def products(
    *lines: Any, there: Sequence[RemoteLine] = (), amount: str | None = None, **changes: Any
) -> ProductFacts:
    """A quote and the products of its record. Unless said otherwise the amount is their sum, and
    they are what was written."""
    defaults: dict[str, Any] = {
        "opportunity": local_opportunity(),
        "state": state(amount=Decimal(amount) if amount else _sum(there)),
        "quote": quote(*lines),
        "settings": ProductSyncSettings(),
        "products": remote(there),
        "written": ProductsWritten(42, BEFORE, tuple(there)),
    }
    return ProductFacts(**(defaults | changes))


def _sum(there: Sequence[RemoteLine]) -> Decimal | None:
    return sum((each.total_price for each in there), Decimal(0)) if there else None
