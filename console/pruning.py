"""Removes whole months that are too old, a few thousand rows at a time.

All times are the database's. Nobody who writes waits for it. It can be stopped at any moment, and
goes on from where it was. docs/decisions/0010 says why rows are deleted and no partitions dropped.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from console.models import Chore

logger = logging.getLogger(__name__)

ROWS: Final = 5_000
"""Of one transaction."""
PAUSE_SECONDS: Final = 0.05
"""Between two, for autovacuum and for who writes."""


@dataclass(frozen=True, slots=True)
class Store:
    """A table, the column by which its rows age, and which of the old ones (`old`) may go."""

    table: str
    column: str
    may_go: str
    also: str = ""
    """What else is done in the statement that removes them, as one more part of its WITH."""


# Whoever asks for the newest entry by opportunity, record, quote, flow, outcome or reason, in any
# combination, gets the same one afterwards: the newest of each combination stays, however old.
_IS_NOT_THE_NEWEST: Final = """
EXISTS (
  SELECT 1 FROM console_synclog AS newer
  WHERE newer.opportunity_id = old.opportunity_id AND newer.id > old.id
    AND newer.salesforce_id = old.salesforce_id AND newer.quote_mn_id = old.quote_mn_id
    AND newer.flow = old.flow AND newer.reason = old.reason AND newer.outcome = old.outcome)
OR old.opportunity_id IS NULL AND EXISTS (
  SELECT 1 FROM console_synclog AS newer
  WHERE newer.salesforce_id = old.salesforce_id AND newer.id > old.id
    AND newer.opportunity_id IS NULL AND newer.quote_mn_id = old.quote_mn_id
    AND newer.flow = old.flow AND newer.reason = old.reason AND newer.outcome = old.outcome)
"""
_NOBODY_WAITS: Final = """
old.id NOT IN (SELECT waiting_entry FROM console_waiting WHERE state IN ('waiting', 'released'))
"""

# The number of calls stays, in the total that the metrics tell of.
_ADDED_UP: Final = """
added AS (
  INSERT INTO console_tally AS tally (name, labels, value)
  SELECT 'api_calls', '{}', sum(calls) FROM gone HAVING count(*) > 0
  ON CONFLICT (name, labels) DO UPDATE SET value = tally.value + excluded.value
),
"""

STORES: Final = (
    Store(
        "console_waiting",
        "since",
        "old.state IN ('done', 'dropped') AND coalesce(old.released_at, old.since) < %(before)s",
    ),
    # Events before the entries that they led to, so that none names an entry that is gone.
    Store("console_inboundevent", "received_at", "old.state <> 'received'"),
    Store("console_synclog", "created_at", f"({_IS_NOT_THE_NEWEST}) AND {_NOBODY_WAITS}"),
    Store(
        "console_outboundpush",
        "finished_at",
        "NOT EXISTS (SELECT 1 FROM console_drift AS drift WHERE drift.push_id = old.id)",
    ),
    Store("console_apicalls", "hour", "true", also=_ADDED_UP),
    Store("console_heartbeat", "seen_at", "true"),
)


def first_kept(*, days: int) -> datetime:
    """The beginning of the month that was under way so many days ago: what is older may go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('month', now() - make_interval(days => %s), 'UTC')", [days]
        )
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


# --- What would go -------------------------------------------------------------------------------

_COUNT: Final = """
SELECT to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) FILTER (WHERE {may_go}),
       count(*)
FROM {table} AS old WHERE {column} < %(before)s GROUP BY month ORDER BY month
"""


def preview(store: Store, *, before: datetime) -> list[tuple[str, int, int]]:
    """Month, how many rows of it would go, how many there are; oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(_COUNT, store), {"before": before})
        return list(cursor.fetchall())


# --- Removing ------------------------------------------------------------------------------------

Position = Mapping[str, Any]
"""Table, time and id of the row that was looked at last; empty at the beginning."""


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction: what it removed by month, and where the next one goes on."""

    table: str
    removed: Mapping[str, int]
    position: Position


_REMOVE: Final = """
WITH batch AS (
  SELECT id, {column} AS at FROM {table}
  WHERE {column} < %(before)s
    AND ({column}, id) > (%(at)s::timestamptz, %(id)s)
  ORDER BY {column}, id LIMIT %(rows)s
),
gone AS (
  DELETE FROM {table} AS old USING batch WHERE old.id = batch.id AND {may_go}
  RETURNING old.*
),
{also}
months AS (
  SELECT to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) AS n
  FROM gone GROUP BY month
)
SELECT at::text, id, (SELECT jsonb_object_agg(month, n) FROM months)::text
FROM batch ORDER BY at DESC, id DESC LIMIT 1
"""


def steps(*, before: datetime, start: Position | None = None) -> Iterator[Step]:
    """Removes what may go: one transaction at each step, and a moment's pause after it."""
    here: Position = start or {"table": STORES[0].table}
    tables = [store.table for store in STORES]
    for store in STORES[tables.index(here["table"]) :]:
        if here["table"] != store.table:
            here = {"table": store.table}
        while (step := _step(store, before=before, behind=here)) is not None:
            here = step.position
            yield step
            time.sleep(PAUSE_SECONDS)


def _step(store: Store, *, before: datetime, behind: Position) -> Step | None:
    """None when there is nothing left to look at."""
    parameters = {
        "before": before,
        "at": behind.get("at", "-infinity"),
        "id": behind.get("id", 0),
        "rows": ROWS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL console.pruning = 'on'")  # or the log lets nothing go
        cursor.execute(_statement(_REMOVE, store), parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    at, row_id, removed = row
    position = {"table": store.table, "at": at, "id": row_id}
    return Step(store.table, json.loads(removed or "{}"), position)


def _statement(template: str, store: Store) -> str:
    return template.format(
        table=store.table, column=store.column, may_go=store.may_go, also=store.also
    )


# --- By itself -----------------------------------------------------------------------------------

CHORE: Final = "prune"
_TURN_SECONDS: Final = 2
_EVERY: Final = timedelta(days=1)

# Who gets the turn has it for two minutes. Of two sweepers one gets it.
_CLAIM: Final = """
INSERT INTO console_chore AS chore (name, not_before, position)
VALUES (%s, statement_timestamp() + interval '2 minutes', '{}')
ON CONFLICT (name) DO UPDATE SET not_before = excluded.not_before
WHERE chore.not_before <= statement_timestamp()
RETURNING position::text
"""


def go_on() -> int:
    """How many rows were removed in this turn: on most days none, for a month's end comes once."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [CHORE])
        row = cursor.fetchone()
    if row is None:
        return 0
    before = first_kept(days=settings.SYNC_LOG_KEPT.days)
    reached: dict[str, Any] = json.loads(row[0])
    if reached.get("before") != before.isoformat():
        reached = {"before": before.isoformat(), "behind": None}
    if reached["behind"] == _DONE:
        return _leave(reached, rest=_EVERY)
    removed, began = 0, time.monotonic()
    for step in steps(before=before, start=reached["behind"]):
        removed += sum(step.removed.values())
        reached["behind"] = step.position
        if time.monotonic() - began > _TURN_SECONDS:
            return _leave(reached, removed)
    return _leave({**reached, "behind": _DONE}, removed, rest=_EVERY)


_DONE: Final = "done"


def _leave(reached: Mapping[str, Any], removed: int = 0, *, rest: timedelta = timedelta(0)) -> int:
    """What was removed, once it is kept how far the turn has come."""
    Chore.objects.filter(name=CHORE).update(position=reached, not_before=Now() + rest)
    if removed:
        logger.info("%s old rows removed", removed)
    return removed
