"""Counts what happened, for the metrics. Counting never costs anybody their work."""

from __future__ import annotations

import json
import logging
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

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
INSERT INTO console_tally AS tally (name, labels, value)
SELECT name, labels, value
FROM jsonb_to_recordset(%s::jsonb) AS given (name text, labels text[], value float8)
ORDER BY name, labels
ON CONFLICT (name, labels) DO UPDATE SET value = tally.value + excluded.value
"""


def add(counts: Counts) -> None:
    """Adds to the totals. Call with no transaction open. What cannot be counted is lost."""
    rows = [{"name": key[0], "labels": key[1:], "value": value} for key, value in counts.items()]
    try:
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [json.dumps(rows)])
    except Error as error:
        logger.warning("not counted in the metrics: %s", error)
        connection.close()  # it may be the connection that is gone, and the next needs one


def add_after_commit(decision: Decision) -> None:
    """Counts a decision once it is kept."""
    transaction.on_commit(partial(add, Counter([of_decision(decision)])), robust=True)


def of_decision(decision: Decision) -> tuple[str, ...]:
    return (ATTEMPTS, decision.flow, decision.outcome, decision.reason)


def bucket(seconds: float, bounds: Sequence[float]) -> str:
    """Which part of a histogram it falls into: 0 for the one below the first bound."""
    return str(bisect_right(bounds, seconds))
