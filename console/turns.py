"""What goes out next, and how much of it at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from django.db import connection

from console import budget, claims, connections, outbox, portions
from console.claims import Claim, Lane, Urgency
from console.models import SalesforceConnection
from console.models.outbound_push import PushLane, PushUrgency
from syncrules import retry

_PRODUCTS: Final = 200
"""Opportunities whose products travel together, if they are few enough."""
_LOOKED_AT: Final = 1000
"""Products of an urgency whose links are made as urgent, the oldest first."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is looked for, and how many of it at most."""

    lane: PushLane
    urgencies: Sequence[PushUrgency]
    most: int


_CLICKS: Final = (Urgency.CLICK,)
_THE_REST: Final = (Urgency.EVENT, Urgency.BULK)
TURNS: Final = (
    Turn(Lane.LINK, _CLICKS, retry.LARGEST_BATCH),
    Turn(Lane.PRODUCTS, _CLICKS, _PRODUCTS),
    Turn(Lane.LINK, _THE_REST, retry.LARGEST_BATCH),
    Turn(Lane.PRODUCTS, _THE_REST, _PRODUCTS),
)
"""Somebody's click before everything else, links before products."""


def is_called_for(*, older_than: timedelta = timedelta(0)) -> bool:
    """Whether anything could go out now that is due for so long."""
    row = connections.in_force()
    if row is not None and connections.is_paused(row):
        return False
    return any(_turns(row, older_than=older_than))


_DUE: Final = """
SELECT count(*)
FROM unnest(%(lanes)s::text[]) AS kind (lane), unnest(%(urgencies)s::int[]) AS level (urgency)
CROSS JOIN LATERAL (
  SELECT FROM console_outboundpush AS push
  WHERE push.lane = kind.lane AND push.urgency = level.urgency AND push.state = 'queued'
    AND push.not_before <= statement_timestamp()
  ORDER BY push.not_before, push.id
  LIMIT %(most)s
) AS due
"""


def is_backlog() -> bool:
    """Whether more is due than the largest batch can take."""
    if not is_called_for():
        return False
    wanted: dict[str, Any] = {
        "lanes": [str(lane) for lane in Lane],
        "urgencies": [int(urgency) for urgency in Urgency],
        "most": retry.LARGEST_BATCH + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, wanted)
        (count,) = cursor.fetchone()
    return bool(count > retry.LARGEST_BATCH)


def next_batch(owner: str) -> list[Claim]:
    """What goes out next: nothing while the connection is paused, nor what the budget of API calls
    does not allow."""
    row = connections.in_force()
    if not connections.fact(row).is_live:
        outbox.hold_again()
    turns = list(_turns(row))
    if not turns or (row is not None and not connections.may_send(row)):
        return []
    is_try = row is not None and row.paused_until is not None
    for turn in turns:
        size = _size(turn.most, write_ms=row.write_ms if row else None)
        batch = claims.claim(
            lane=turn.lane,
            urgencies=turn.urgencies,
            limit=1 if is_try else size,
            owner=owner,
        )
        if batch:
            return batch
    if row is not None:
        connections.nothing_to_try(row)
    return []


def _turns(
    row: SalesforceConnection | None, *, older_than: timedelta = timedelta(0)
) -> Iterator[Turn]:
    """Those of the turns for which there is something to do, and for which the budget suffices."""
    due = claims.due(older_than=older_than)
    if not due:
        return
    if _hasten_links([urgency for lane, urgency in due if lane == Lane.PRODUCTS]):
        due = claims.due(older_than=older_than)
    allowed = claims.EVERYTHING if row is None else budget.allowed(row)
    for turn in TURNS:
        urgencies = [
            each for each in turn.urgencies if each in allowed and (turn.lane, each) in due
        ]
        if urgencies:
            yield replace(turn, urgencies=urgencies)


# Whoever holds such a link just now is about to change what it waits for anyway.
_HASTEN: Final = """
WITH hurried AS (
  SELECT link.id, min(products.urgency) AS urgency
  FROM unnest(%(urgencies)s::int[]) AS level (urgency)
  CROSS JOIN LATERAL (
    SELECT opportunity_id, queued.urgency FROM console_outboundpush AS queued
    WHERE queued.lane = 'products' AND queued.urgency = level.urgency AND queued.state = 'queued'
      AND queued.not_before <= statement_timestamp()
    ORDER BY queued.not_before, queued.id
    LIMIT %(depth)s
  ) AS products
  JOIN console_outboundpush AS link
    ON link.opportunity_id = products.opportunity_id AND link.lane = 'link'
   AND link.state IN ('queued', 'held') AND link.urgency > products.urgency
  GROUP BY link.id
),
taken AS (
  SELECT id FROM console_outboundpush WHERE id IN (SELECT id FROM hurried)
  ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE console_outboundpush AS link SET urgency = hurried.urgency
FROM hurried JOIN taken ON taken.id = hurried.id
WHERE link.id = hurried.id AND link.state IN ('queued', 'held')
"""


def _hasten_links(urgencies: Sequence[PushUrgency]) -> int:
    """How many links became as urgent as the products that wait for them: somebody's click must
    not wait for its link's place in a backlog."""
    wanted = [int(each) for each in urgencies if each != Urgency.BULK]
    if not wanted:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_HASTEN, {"urgencies": wanted, "depth": _LOOKED_AT})
        return int(cursor.rowcount)


def _size(most: int, *, write_ms: float | None) -> int:
    """How many go together: as many as fit the calls, but where Salesforce is slow no more than it
    takes a few seconds to write, since somebody's click may have to wait for them."""
    in_time = portions.records_in_time(retry.LARGEST_BATCH, write_ms=write_ms)
    return max(most * in_time // retry.LARGEST_BATCH, 1)
