"""Hands out what is due, up to a thousand pushes at a time. All times are the database's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from console import strikes
from console.faultpoints import faultpoint
from console.models import OutboundPush
from console.models.outbound_push import PushLane, PushUrgency
from syncrules import retry
from syncrules.attempt_facts import StrikesFact

State = OutboundPush.State
Lane = OutboundPush.Lane
Urgency = OutboundPush.Urgency

EVERYTHING: Final = (Urgency.CLICK, Urgency.EVENT, Urgency.BULK)
_A_LOOK: Final = 1000
"""So many rows are looked at, even for one that is free."""
_DEEP: Final = 50
"""How many times as many rows are looked at as are claimed, when the first are all held up."""
_COMPANIES: Final = [retry.company(strikes) for strikes in range(retry.MAX_STRIKES + 1)]
RESTING: Final = "given up: "
"""Stands before the name of who had a claim that rests until it may be taken over."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A push taken for sending.

    `lost_by`: the worker from whom it was taken over, whose last attempt ended nobody knows how.
    `waited`: seconds from the moment in which it was asked for until the claim.
    """

    push_id: int
    opportunity_id: int
    fence: int
    attempts: int
    trigger: str
    actor_name: str
    lane: str
    urgency: int = Urgency.EVENT
    requests: int = 1
    covers: Sequence[dict[str, Any]] = ()
    strikes: StrikesFact | None = None
    lost_by: str | None = None
    waited: float = 0.0


# Claims come one after the other, so that none overlooks what another is just taking: the busy
# accounts are read after the lock is held. It ends with the transaction, as poolers want it.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtextextended('console.claim', 0))"

# What is being sent keeps its whole account, and every record it may touch, out of other batches:
# writing a child locks its parent in Salesforce. Accounts stay together for the same reason: the
# oldest push of an account brings the account's other pushes with it. What rests, having been given
# up, keeps its records only: what was sent of it may still arrive there.
#
# Products wait for the link of their opportunity; not for one that is set aside, which may be for
# ever, nor for a second look before its time, at a link that was in step.
#
# A batch is as large as its oldest push allows: what was in a batch that failed as a whole, or
# whose worker vanished, goes with few others, in the end alone.
_CLAIM: Final = f"""
WITH busy AS MATERIALIZED (
  SELECT CASE WHEN NOT starts_with(sending.claimed_by, %(resting)s)
              THEN opportunity.account_id END AS account_id,
         coalesce(pair.salesforce_id, opportunity.creation_reference) AS record,
         former.salesforce_id AS former
  FROM console_outboundpush AS sending
  JOIN console_opportunity AS opportunity ON opportunity.id = sending.opportunity_id
  LEFT JOIN console_association AS pair
    ON pair.opportunity_id = opportunity.id AND pair.ended_at IS NULL
  LEFT JOIN console_relink AS change
    ON change.opportunity_id = opportunity.id AND change.state = 'pending'
  LEFT JOIN console_association AS former ON former.id = change.old_id
  WHERE sending.state = 'sending' AND sending.lease_until >= statement_timestamp()
),
busy_records AS MATERIALIZED (
  SELECT record FROM busy WHERE record IS NOT NULL
  UNION SELECT former FROM busy WHERE former IS NOT NULL
),
due AS (
  SELECT id, opportunity_id, state, not_before, strikes + 1 AS strikes, claimed_by, 0 AS rank
  FROM console_outboundpush AS lost
  WHERE state = 'sending' AND lease_until < statement_timestamp()
    AND lane = %(lane)s
    AND (urgency = ANY(%(urgencies)s) OR EXISTS (  -- it holds up what is more urgent
      SELECT 1 FROM console_outboundpush AS newer
      WHERE newer.opportunity_id = lost.opportunity_id AND newer.lane = lost.lane
        AND newer.state = 'queued' AND newer.urgency = ANY(%(urgencies)s)))
  UNION ALL
  SELECT push.id, push.opportunity_id, push.state, push.not_before, push.strikes, NULL, level.rank
  FROM unnest(%(urgencies)s::int[]) WITH ORDINALITY AS level (urgency, rank)
  CROSS JOIN LATERAL (
    SELECT * FROM console_outboundpush AS queued
    WHERE queued.lane = %(lane)s AND queued.urgency = level.urgency AND queued.state = 'queued'
      AND queued.not_before <= statement_timestamp()
    ORDER BY queued.not_before, queued.id
    LIMIT %(depth)s
  ) AS push
),
aware AS MATERIALIZED (
  SELECT due.*,
         (SELECT account_id FROM console_opportunity WHERE id = due.opportunity_id) AS account_id,
         coalesce(
           (SELECT salesforce_id FROM console_association
            WHERE opportunity_id = due.opportunity_id AND ended_at IS NULL),
           (SELECT creation_reference FROM console_opportunity WHERE id = due.opportunity_id)
         ) AS record,
         (SELECT former.salesforce_id
          FROM console_relink AS change JOIN console_association AS former ON former.id = old_id
          WHERE change.opportunity_id = due.opportunity_id AND change.state = 'pending') AS former,
         %(lane)s <> 'link' AND (  -- by the index; EXISTS would read all links that wait
           SELECT link.id FROM console_outboundpush AS link
           WHERE link.opportunity_id = due.opportunity_id AND link.lane = 'link'
             AND link.state IN ('queued', 'held')
             AND (link.not_before <= statement_timestamp() OR link.reason <> '')
         ) IS NOT NULL AS waits_for_link
  FROM due
),
free AS (
  SELECT aware.*, row_number() OVER (ORDER BY rank, not_before, id) AS place
  FROM aware
  WHERE NOT waits_for_link
    AND account_id NOT IN (SELECT account_id FROM busy WHERE account_id IS NOT NULL)
    AND (record IS NULL OR record NOT IN (SELECT record FROM busy_records))
    AND (former IS NULL OR former NOT IN (SELECT record FROM busy_records))
    AND (state = 'sending' OR NOT EXISTS (
      SELECT 1 FROM console_outboundpush AS other
      WHERE other.opportunity_id = aware.opportunity_id AND other.state = 'sending'
        AND other.lane IN (%(lane)s, 'link')))
),
head AS (SELECT strikes FROM free ORDER BY place LIMIT 1),
chosen AS (
  SELECT alike.id, alike.claimed_by,
         row_number() OVER (ORDER BY place_of_account, place) AS turn
  FROM (SELECT free.*, min(place) OVER (PARTITION BY account_id) AS place_of_account
        FROM free WHERE strikes = (SELECT strikes FROM head)) AS alike
  ORDER BY turn
  LIMIT (SELECT least(%(limit)s, (%(companies)s::int[])[least(strikes, %(last)s) + 1]) FROM head)
),
taken AS (
  SELECT push.id, push.state = 'sending' AS was_lost, chosen.claimed_by, chosen.turn
  FROM console_outboundpush AS push JOIN chosen ON chosen.id = push.id
  WHERE push.state = 'queued'
     OR (push.state = 'sending' AND push.lease_until < statement_timestamp())
  ORDER BY push.id
  FOR UPDATE OF push SKIP LOCKED
)
UPDATE console_outboundpush AS push
SET state = 'sending', fence = fence + 1, claimed_by = %(owner)s,
    lease_until = statement_timestamp() + %(lease)s::interval,
    strikes = CASE WHEN taken.was_lost THEN {strikes.ONE_MORE} ELSE push.strikes END,
    unsure_until = CASE WHEN taken.was_lost
                        THEN greatest(unsure_until, statement_timestamp() + %(longest)s::interval)
                        ELSE unsure_until END,
    struck_at = coalesce(struck_at, CASE WHEN taken.was_lost THEN statement_timestamp() END)
FROM taken WHERE push.id = taken.id
RETURNING push.id AS push_id, push.opportunity_id, push.fence, push.attempts, push.trigger,
          push.actor_name, push.lane, push.urgency, push.requests, push.covers, push.strikes,
          push.struck_at, push.detail, taken.turn,
          CASE WHEN taken.was_lost THEN taken.claimed_by END AS lost_by,
          extract(epoch FROM statement_timestamp() - push.requested_at)::float8 AS waited
"""  # noqa: S608  our own text


def claim(
    *,
    limit: int = retry.LARGEST_BATCH,
    lease: timedelta | None = None,
    lane: PushLane = Lane.LINK,
    urgencies: Sequence[PushUrgency] = EVERYTHING,
    owner: str = "",
) -> list[Claim]:
    """What is due and not in anybody's hands, in the order of its turn: the most urgent and oldest
    first, accounts together. Leases that ran out are taken over."""
    for depth in (max(2 * limit, _A_LOOK), max(limit, _A_LOOK) * _DEEP):
        claims = _claim(
            lane=lane,
            urgencies=[int(each) for each in urgencies],
            limit=limit,
            depth=depth,
            lease=str(lease or settings.PUSH_LEASE),
            longest=str(settings.SALESFORCE_LONGEST),
            owner=owner,
        )
        if claims or not due() & {(lane, urgency) for urgency in urgencies}:
            break
    faultpoint("after_claim")
    return claims


def _claim(**wanted: Any) -> list[Claim]:
    parameters = wanted | {"companies": _COMPANIES, "last": retry.MAX_STRIKES, "resting": RESTING}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        cursor.execute(_CLAIM, parameters)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [_of_row(row) for row in sorted(rows, key=itemgetter("turn"))]


def _of_row(row: dict[str, Any]) -> Claim:
    del row["turn"]
    strikes, struck_at, words = row.pop("strikes"), row.pop("struck_at"), row.pop("detail")
    if row["lost_by"] is not None:
        row["lost_by"] = row["lost_by"].removeprefix(RESTING) or "one of an earlier version"
    row["strikes"] = StrikesFact(strikes, struck_at, words=words) if strikes else None
    return Claim(**row | {"covers": json.loads(row["covers"])})


_DUE: Final = """
SELECT kind.lane, kind.urgency
FROM (
  SELECT lane, urgency
  FROM unnest(%(lanes)s::text[]) AS lane, unnest(%(urgencies)s::int[]) AS urgency
) AS kind
WHERE (
    SELECT push.id FROM console_outboundpush AS push
    WHERE push.lane = kind.lane AND push.urgency = kind.urgency AND push.state = 'queued'
      AND push.not_before <= statement_timestamp() - %(older_than)s::interval
    ORDER BY push.not_before, push.id  -- by the index; EXISTS would read all rows in vain
    LIMIT 1) IS NOT NULL
  OR EXISTS (
    SELECT 1 FROM console_outboundpush AS push
    WHERE push.state = 'sending' AND push.lane = kind.lane AND push.urgency = kind.urgency
      AND push.lease_until < statement_timestamp() - %(older_than)s::interval)
"""


def due(*, older_than: timedelta = timedelta(0)) -> set[tuple[PushLane, PushUrgency]]:
    """The kinds of push of which any waits to be claimed, even if just now its account is busy."""
    wanted: dict[str, Any] = {
        "lanes": [str(lane) for lane in Lane],
        "urgencies": [int(urgency) for urgency in Urgency],
        "older_than": str(older_than),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, wanted)
        return {(Lane(lane), Urgency(urgency)) for lane, urgency in cursor.fetchall()}
