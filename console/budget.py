"""The API budget: what was spent, what is left for whom, and when the backlog will be drained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection as database
from django.db.models.functions import Now

from console import clock
from console.models import OutboundPush, SalesforceConnection
from console.models.outbound_push import PushUrgency
from syncrules import api_budget
from syncrules.api_budget import HOURS, Allowance, Budget, Usage

Lane = OutboundPush.Lane
State = OutboundPush.State
_COUNTED: Final = 100_000
_JUDGED_BY: Final = 5_000
_PACE_OVER: Final = timedelta(minutes=10)

_COUNT_ONE: Final = """
INSERT INTO console_apicalls (connection_id, hour, calls)
VALUES (%s, date_trunc('hour', statement_timestamp()), 1)
ON CONFLICT (connection_id, hour) DO UPDATE SET calls = console_apicalls.calls + 1
"""

_CALLS_OF_A_DAY: Final = """
SELECT hours_ago, calls
FROM console_apicalls
CROSS JOIN date_trunc('hour', statement_timestamp()) AS this_hour
CROSS JOIN LATERAL CAST(extract(epoch FROM this_hour - hour) / 3600 AS int) AS hours_ago
WHERE connection_id = %s AND hours_ago < %s
"""


def count_call(connection_id: int) -> None:
    """One more call was made, successful or not."""
    with database.cursor() as cursor:
        cursor.execute(_COUNT_ONE, [connection_id])


def usage(row: SalesforceConnection) -> Usage:
    """The calls of the last day, by the clock that counts them; one query."""
    with database.cursor() as cursor:
        cursor.execute(_CALLS_OF_A_DAY, [row.pk, HOURS])
        found = dict(cursor.fetchall())
    hours = [found.get(hours_ago, 0) for hours_ago in reversed(range(HOURS))]
    return Usage(hours, row.calls_used, row.calls_allowed)


def allowance(row: SalesforceConnection) -> Allowance:
    return Allowance(row.share_percent, row.reserve_percent)


def in_force(row: SalesforceConnection) -> Budget:
    """What may be spent now."""
    return api_budget.budget(usage(row), allowance(row))


def allowed(row: SalesforceConnection) -> list[PushUrgency]:
    """Which pushes may go out now, as far as calls go."""
    now = in_force(row)
    return [each for each in PushUrgency if now.allows(api_budget.Urgency(each))]


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the backlog will be drained.

    `drained_at` None: not within a day, or nothing went out lately by which to judge.
    `waits_until`: when there is room for the calls it takes, if there is none now.
    """

    backlog: int
    is_capped: bool
    calls: int
    drained_at: datetime | None = None
    waits_until: datetime | None = None


def forecast(row: SalesforceConnection, spent: Usage) -> Forecast:
    """What waits to go out by itself, the calls it takes, and when it will be done."""
    counts, least_urgent = _waiting()
    backlog = sum(counts.values())
    calls = api_budget.calls_for(
        links=counts.get(Lane.LINK, 0), products=counts.get(Lane.PRODUCTS, 0)
    )
    known = Forecast(backlog, backlog >= _COUNTED, calls)
    if not backlog:
        return known
    hours = api_budget.hours_until(
        calls,
        usage=spent,
        allowance=allowance(row),
        urgency=api_budget.Urgency(least_urgent),
    )
    if hours is None:
        return known
    now = clock.now()
    starts_at = now + timedelta(hours=hours)
    pace = _pushes_a_second(now)
    return Forecast(
        backlog,
        known.is_capped,
        calls,
        drained_at=starts_at + timedelta(seconds=backlog / pace) if pace else None,
        waits_until=starts_at if hours else None,
    )


# Along the index of open pushes, which has all that is asked.
_WAITING: Final = """
SELECT lane, count(*), max(urgency)
FROM (SELECT lane, urgency FROM console_outboundpush
      WHERE state IN ('queued', 'sending', 'held') LIMIT %s) AS waiting
GROUP BY lane
"""


def _waiting() -> tuple[dict[str, int], int]:
    """How many pushes of each lane wait to go out by themselves, and the least urgent of them."""
    with database.cursor() as cursor:
        cursor.execute(_WAITING, [_COUNTED])
        rows = cursor.fetchall()
    counts = {lane: count for lane, count, _ in rows}
    return counts, max((urgency for _, _, urgency in rows), default=PushUrgency.EVENT)


def _pushes_a_second(now: datetime) -> float:
    """By the latest that were finished within the last minutes; 0 when none was."""
    lately = OutboundPush.objects.filter(finished_at__gte=Now() - _PACE_OVER)
    ends = lately.order_by("-finished_at").values_list("finished_at", flat=True)[:_JUDGED_BY]
    times = [end for end in ends if end is not None]
    if not times:
        return 0
    seconds = (now - times[-1]).total_seconds()
    return len(times) / max(seconds, 1)
