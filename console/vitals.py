"""How the console is doing, for probes and metrics: a few bounded questions, whatever the size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from console import tallies
from console.models import Drift, ReconcileRun, SalesforceConnection
from console.models.outbound_push import PushLane, PushState, PushUrgency
from console.models.salesforce_connection import ConnectionState

COUNTED: Final = 200_000
"""No more rows of a kind are counted; a deeper queue is shown as this deep."""

OPEN: Final = (PushState.QUEUED, PushState.SENDING, PushState.HELD, PushState.PARKED)

# One walk along the index of open pushes for each state; what is over is never touched.
_OF_STATE: Final = """
(SELECT state, lane, urgency, requested_at FROM console_outboundpush
 WHERE state = '{state}' LIMIT %(counted)s)
"""
_QUEUE: Final = f"""
SELECT state, lane, urgency, count(*),
       extract(epoch FROM statement_timestamp() - min(requested_at))::float8
FROM ({"UNION ALL".join(_OF_STATE.format(state=state.value) for state in OPEN)}) AS unfinished
GROUP BY state, lane, urgency
"""  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class Depth:
    """How many pushes of a kind are open, and the age of the oldest since it was asked for."""

    state: str
    lane: str
    urgency: int
    count: int
    oldest_seconds: float


def queue() -> list[Depth]:
    return [Depth(*row) for row in _rows(_QUEUE, counted=COUNTED)]


# The claim's own index has the first of each lane and urgency at hand.
_OLDEST_DUE: Final = """
SELECT extract(epoch FROM statement_timestamp() - min(oldest.not_before))::float8
FROM unnest(%(lanes)s::text[]) AS lanes (lane)
CROSS JOIN unnest(%(urgencies)s::int[]) AS levels (urgency)
CROSS JOIN LATERAL (
  SELECT not_before FROM console_outboundpush AS push
  WHERE push.state = 'queued' AND push.lane = lanes.lane AND push.urgency = levels.urgency
    AND push.not_before <= statement_timestamp()
  ORDER BY push.not_before, push.id LIMIT 1
) AS oldest
"""


def oldest_due_seconds() -> float | None:
    """For how long the most overdue of the waiting pushes is due; None when none is."""
    urgencies = [each.value for each in PushUrgency]
    ((seconds,),) = _rows(_OLDEST_DUE, lanes=[*PushLane], urgencies=urgencies)
    return seconds  # type: ignore[no-any-return]


_OLDEST_LEASE: Final = """
SELECT extract(epoch FROM statement_timestamp() - min(lease_until) + %(lease)s::interval)::float8
FROM console_outboundpush WHERE state = 'sending'
"""


def oldest_lease_seconds() -> float | None:
    """For how long the lease that was neglected the longest was not prolonged; None without any."""
    ((seconds,),) = _rows(_OLDEST_LEASE, lease=str(settings.PUSH_LEASE))
    return None if seconds is None else max(float(seconds), 0.0)


_INBOUND: Final = """
SELECT count(*), extract(epoch FROM statement_timestamp() - min(received_at))::float8
FROM (SELECT received_at FROM console_inboundevent WHERE state = 'received'
      ORDER BY id LIMIT %(counted)s) AS waiting
"""


def inbound() -> tuple[int, float | None]:
    """How many events wait to be acted upon, and the age of the oldest in seconds."""
    ((count, seconds),) = _rows(_INBOUND, counted=COUNTED)
    return count, seconds


_DRIFT: Final = """
SELECT verdict, count(*)
FROM (SELECT verdict FROM console_drift WHERE closed_at IS NULL LIMIT %(counted)s) AS unsettled
GROUP BY verdict
"""


def drift() -> dict[str, int]:
    """Verdict -> how many open differences between the two systems."""
    none: dict[str, int] = dict.fromkeys(Drift.Verdict, 0)
    return none | dict(_rows(_DRIFT, counted=COUNTED))


def compared_seconds() -> float | None:
    """For how long everything was not compared; None where it never was."""
    done = ReconcileRun.objects.filter(only__isnull=True, state=ReconcileRun.State.DONE)
    latest = done.order_by("-pk").annotate(present=Now()).first()
    return _age(latest.finished_at, latest.present) if latest else None


# In one statement, so that calls which pruning moves from one table to the other count once.
_TOTALS: Final = """
SELECT name, labels, value FROM console_tally
UNION ALL
SELECT %(calls)s, '{}'::text[], coalesce(sum(calls), 0)::float8 FROM console_apicalls
"""

Totals = dict[str, dict[tuple[str, ...], float]]
"""Name -> labels -> what was counted."""


def totals() -> Totals:
    """Whatever was counted since the console exists."""
    found: Totals = {}
    for name, labels, value in _rows(_TOTALS, calls=tallies.API_CALLS):
        of_name = found.setdefault(name, {})
        of_name[tuple(labels)] = of_name.get(tuple(labels), 0.0) + value
    return found


@dataclass(frozen=True, slots=True)
class Breaker:
    """Whether pushes may go out to Salesforce.

    `state`: that of the connection, or `paused` after trouble, or `trying` from the end of the
    pause until an attempt has shown that it is over; `none` where no connection is set up.
    """

    state: str
    failures: int = 0
    paused_seconds: float = 0.0
    success_seconds: float | None = None
    poll_seconds: float | None = None
    """The age of the newest change in Salesforce that a poll cannot have overlooked."""


STATES: Final = (*ConnectionState, "paused", "trying", "none")


def breaker() -> tuple[SalesforceConnection | None, Breaker]:
    """The connection in force, and how it stands by the database's time."""
    rows = SalesforceConnection.objects.filter(is_active=True)
    row = rows.annotate(present=Now()).first()
    if row is None:
        return None, Breaker("none")
    now: datetime = row.present
    paused = (row.paused_until - now).total_seconds() if row.paused_until else 0.0
    return row, Breaker(
        state=_state(row, paused=paused),
        failures=row.failures,
        paused_seconds=max(paused, 0.0),
        success_seconds=_age(row.succeeded_at, now),
        poll_seconds=_age(row.polled_until, now),
    )


def _state(row: SalesforceConnection, *, paused: float) -> str:
    if row.state not in (ConnectionState.LIVE, ConnectionState.UNTRIED) or not row.paused_until:
        return row.state
    return "paused" if paused > 0 else "trying"


def _age(moment: datetime | None, now: datetime) -> float | None:
    return (now - moment).total_seconds() if moment else None


def _rows(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
