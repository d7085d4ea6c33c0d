"""Counts what happened, for the metrics. Counting never costs anybody their work."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final

from django.db import Error, connection, transaction

from syncrules.decisions import Decision

logger = logging.getLogger(__name__)

Counts = Mapping[tuple[str, ...], float]
"""Name and labels -> by how much."""

ATTEMPTS: Final = "attempts"
API_CALLS: Final = "api_calls"
PUSH_SECONDS: Final = "push_seconds"
BATCH_SECONDS: Final = "batch_seconds"
PUSH_BOUNDS: Final = (
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
    1800.0,
    7200.0,
    86400.0,
)
BATCH_BOUNDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)

# In one order everywhere, so that of two who count at once one waits for the other at most.
_ADD: Final = """
WITH ended AS (
  SELECT lane, urgency::text, extract(epoch FROM finished_at - requested_at)::float8 AS seconds
  FROM console_outboundpush WHERE id = ANY(%(sent)s) AND finished_at IS NOT NULL
),
given AS (
  SELECT name, labels, value
  FROM jsonb_to_recordset(%(counts)s::jsonb) AS given (name text, labels text[], value float8)
  UNION ALL
  SELECT 'push_seconds', ARRAY[lane, urgency, width_bucket(seconds, %(bounds)s::float8[])::text], 1
  FROM ended
  UNION ALL
  SELECT 'push_seconds_sum', ARRAY[lane, urgency], seconds FROM ended
)
INSERT INTO console_tally AS tally (name, labels, value)
SELECT name, labels, sum(value) FROM given GROUP BY name, labels ORDER BY name, labels
ON CONFLICT (name, labels) DO UPDATE SET value = tally.value + excluded.value
"""


def add(counts: Counts, *, sent: Collection[int] = ()) -> None:
    """Adds to the totals. `sent`: pushes of which it is counted how long they took.

    Call with no transaction open. What cannot be counted is lost.
    """
    rows = [{"name": key[0], "labels": key[1:], "value": value} for key, value in counts.items()]
    parameters: dict[str, Any] = {
        "counts": json.dumps(rows),
        "sent": list(sent),
        "bounds": list(PUSH_BOUNDS),
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(_ADD, parameters)
    except Error as error:
        logger.warning("not counted in the metrics: %s", error)
        connection.close()  # it may be the connection that is gone, and the next needs one


def add_after_commit(decision: Decision) -> None:
    """Counts a decision once it is kept."""
    transaction.on_commit(partial(add, Counter([of_decision(decision)])), robust=True)


def of_decision(decision: Decision) -> tuple[str, ...]:
    return (ATTEMPTS, decision.flow, decision.outcome, decision.reason)


def bucket(seconds: float, bounds: Collection[float]) -> str:
    """Which part of a histogram it falls into, as PostgreSQL's width_bucket numbers them."""
    return str(sum(bound <= seconds for bound in bounds))
