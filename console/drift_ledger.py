"""Keeps the ledger of drift: what a run found, found again, or no longer found.

All times are the database's.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now

from console.models import Drift, ReconcileRun
from syncrules.drift import DriftField, Finding, Verdict
from syncrules.drift_facts import OpenPush, RecordState

_LONGEST: Final = 255
SUMMED: Final = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """A finding with the record and the opportunity that it is about."""

    finding: Finding
    salesforce_id: str
    mn_id: str
    name: str
    opportunity_id: int | None = None
    state: RecordState | None = None
    push: OpenPush | None = None
    currency: str = ""


# A row that is open already keeps since when it is, and the push that was to mend it.
_KEEP: Final = """
INSERT INTO console_drift AS drift (
  opportunity_id, name, mn_id, salesforce_id, field, part, part_name, ours, theirs, money, currency,
  verdict, because, obstacle, evidence, changed_by, changed_at, push_id, awaits_push,
  since, seen_at, opened_by_id, seen_by_id
)
SELECT opportunity_id, name, mn_id, salesforce_id, field, part, part_name, ours, theirs, money,
       currency, verdict, because, obstacle, evidence, changed_by, changed_at, push_id,
       push_id IS NOT NULL, statement_timestamp(), statement_timestamp(), %(run)s, %(run)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS found (
  opportunity_id bigint, name text, mn_id text, salesforce_id text, field text, part text,
  part_name text, ours text, theirs text, money numeric, currency text, verdict text, because text,
  obstacle text, evidence jsonb, changed_by text, changed_at timestamptz, push_id bigint
)
ORDER BY salesforce_id COLLATE "C", field, part
ON CONFLICT (salesforce_id, field, part) WHERE closed_at IS NULL DO UPDATE
SET opportunity_id = EXCLUDED.opportunity_id, name = EXCLUDED.name, mn_id = EXCLUDED.mn_id,
    part_name = EXCLUDED.part_name, ours = EXCLUDED.ours, theirs = EXCLUDED.theirs,
    money = EXCLUDED.money, currency = EXCLUDED.currency, verdict = EXCLUDED.verdict,
    because = EXCLUDED.because, obstacle = EXCLUDED.obstacle, evidence = EXCLUDED.evidence,
    changed_by = EXCLUDED.changed_by, changed_at = EXCLUDED.changed_at,
    push_id = coalesce(EXCLUDED.push_id, drift.push_id), awaits_push = EXCLUDED.awaits_push,
    seen_at = EXCLUDED.seen_at, seen_by_id = EXCLUDED.seen_by_id
RETURNING xmax = 0
"""


def keep(run_id: int, rows: Sequence[Row]) -> int:
    """How many of the rows are new; the others were open already. One query."""
    if not rows:
        return 0
    found = json.dumps([_columns(row) for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"run": run_id, "rows": found})
        return sum(is_new for (is_new,) in cursor.fetchall())


def _columns(row: Row) -> dict[str, Any]:
    finding, state = row.finding, row.state
    # In an org with one currency a record that nobody here knows has none that we know.
    money = finding.money if row.currency else None
    changed_at = state.changed_at if state else None
    return {
        "opportunity_id": row.opportunity_id,
        "name": row.name[:_LONGEST],
        "mn_id": row.mn_id[:64],
        "salesforce_id": row.salesforce_id,
        "field": finding.field,
        "part": finding.part,
        "part_name": finding.name[:_LONGEST],
        "ours": _cut(finding.ours),
        "theirs": _cut(finding.theirs),
        "money": None if money is None else str(money),
        "currency": "" if money is None else row.currency,
        "verdict": finding.verdict,
        "because": finding.because,
        "obstacle": finding.obstacle or "",
        "evidence": list(finding.evidence.items()),
        "changed_by": ((state.changed_by if state else None) or "")[:_LONGEST],
        "changed_at": changed_at.isoformat() if changed_at else None,
        "push_id": row.push.push_id if row.push else None,
    }


def _cut(value: str | None) -> str | None:
    return None if value is None else value[:_LONGEST]


def pass_over(run_id: int, salesforce_ids: Collection[str]) -> None:
    """What is open of these records stays as it is: they could not be judged.

    Where a push was to mend it, they are compared once more.
    """
    rows = _open().filter(salesforce_id__in=salesforce_ids)
    awaits = ExpressionWrapper(Q(push__isnull=False), output_field=BooleanField())
    rows.update(seen_at=Now(), seen_by=run_id, awaits_push=awaits)


def close_unseen(run: ReconcileRun) -> int:
    """How many rows were closed, since the run has been through and did not find them again.

    Nor did another run that was under way at the same time.
    """
    assert run.started_at is not None, "what ends has begun"
    gone = in_scope(run).exclude(seen_by=run.pk).filter(seen_at__lt=run.started_at)
    return gone.update(closed_at=Now(), closed_by=run.pk, awaits_push=False)


def tally(run: ReconcileRun) -> dict[str, int]:
    """What is open of what the run has compared, by verdict, and how many pairs are equal."""
    rows = in_scope(run)
    counted = dict(rows.order_by().values_list("verdict").annotate(n=Count("pk")))
    compared = rows.exclude(field=DriftField.CLAIM)
    drifting = compared.filter(seen_by=run.pk).values("salesforce_id").distinct().count()
    equal = max(run.compared - run.passed_over - drifting, 0)
    kept = (verdict for verdict in Verdict if verdict is not Verdict.EQUAL)
    return {"equal": equal, **{verdict.value: counted.get(verdict, 0) for verdict in kept}}


def in_scope(run: ReconcileRun) -> QuerySet[Drift]:
    """The open rows that a run is about."""
    return _open() if run.only is None else _open().filter(opportunity_id__in=run.only)


def claims_of(opportunity_ids: Collection[int]) -> list[str]:
    """The records that are known to claim these opportunities."""
    claims = _open().filter(field=DriftField.CLAIM, opportunity_id__in=opportunity_ids)
    return list(claims.values_list("salesforce_id", flat=True))


def _open() -> QuerySet[Drift]:
    return Drift.objects.filter(closed_at__isnull=True)


# --- Sums ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows have a verdict, and the money that they are about, by currency."""

    verdict: Verdict
    rows: int
    money: Mapping[str, Decimal]


_SUMS: Final = """
SELECT verdict, currency, count(*), sum(money)
FROM (
  SELECT verdict, currency, money FROM console_drift WHERE closed_at IS NULL LIMIT %s
) AS counted
GROUP BY verdict, currency ORDER BY verdict, currency
"""


def sums() -> list[Sum]:
    """What is open, by verdict, as far as SUMMED rows go; one query that touches an index alone."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [SUMMED])
        found = cursor.fetchall()
    return [
        Sum(
            verdict,
            rows=sum(rows for each, _, rows, _ in found if each == verdict),
            money={
                currency: money
                for each, currency, _, money in found
                if each == verdict and money is not None
            },
        )
        for verdict in Verdict
        if verdict is not Verdict.EQUAL
    ]
