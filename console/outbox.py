"""Asks for a push, and sets free what waits. The row is the job.

All times are the database's. Whoever writes a push row locks the opportunity first, so that the
order of rows is the order of commits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Least, Now

from console import doorbell
from console.actor import Actor
from console.claims import Claim
from console.locks import lock_opportunities
from console.models import OutboundPush
from console.models.outbound_push import PushLane, PushUrgency
from syncrules import retry as retry_rules
from syncrules.reasons import Reason

State = OutboundPush.State
Lane = OutboundPush.Lane
Urgency = OutboundPush.Urgency
_A_HANDFUL: Final = 20
_COUNTED: Final = 10_000
_AT_ONCE: Final = 1000


def request_push(
    *,
    opportunity_id: int,
    trigger: str,
    actor: Actor,
    lane: PushLane = Lane.LINK,
    urgency: PushUrgency | None = None,
) -> OutboundPush:
    """The waiting push of an opportunity, made or joined; a worker is woken after the commit.

    Ten requests are one push. One that comes while a push is being sent waits for the next.
    `urgency`: as urgent as who asks, unless said otherwise.
    """
    if urgency is None:
        urgency = Urgency.EVENT if actor.user_id is None else Urgency.CLICK
    with transaction.atomic():
        lock_opportunities([opportunity_id])
        request_many({opportunity_id: (trigger, actor.name, urgency)}, lane=lane)
        return OutboundPush.objects.get(
            opportunity_id=opportunity_id, lane=lane, state__in=OutboundPush.WAITING
        )


def request_products(links: Iterable[Claim]) -> None:
    """The products of many opportunities are to follow their links, on behalf of the same people.

    Call with the opportunities locked, in the transaction that ends the pushes of the links.
    """
    request_many(
        {claim.opportunity_id: (claim.trigger, claim.actor_name, claim.urgency) for claim in links},
        lane=Lane.PRODUCTS,
    )


def request_in_bulk(
    opportunity_ids: Sequence[int], *, trigger: str, actor: Actor, lane: PushLane
) -> None:
    """Pushes of any number of opportunities, which leave the way to all that is more urgent.

    Interrupted, it may be repeated: a push that waits already is joined.
    """
    for start in range(0, len(opportunity_ids), _AT_ONCE):
        part = opportunity_ids[start : start + _AT_ONCE]
        with transaction.atomic():
            lock_opportunities(part)
            request_many(dict.fromkeys(part, (trigger, actor.name, int(Urgency.BULK))), lane=lane)


def request_many(wanted: Mapping[int, tuple[str, str, int]], *, lane: PushLane) -> None:
    """The waiting pushes of many opportunities, made or joined in one query.

    Call with the opportunities locked.

    Shape: opportunity id -> trigger, name of the actor, urgency
    """
    if not wanted:
        return
    asked = [
        {"opportunity_id": pk, "trigger": trigger, "actor_name": actor_name, "urgency": urgency}
        for pk, (trigger, actor_name, urgency) in wanted.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _REQUEST, {"lane": lane, "asked": json.dumps(asked), "alone": retry_rules.LAST_STRIKE}
        )
    doorbell.ring_after_commit()


# A push that was just claimed is not joined, since whether it waits is looked at under its row's
# lock: what is being sent may have been read already, so the edit waits for the next one.
#
# A parked push is tried afresh, but one that took others along goes alone; a held one stays held.
# A queued one is due no later than it was: an opportunity that is edited all the time keeps its
# place. The fifty latest edits are kept.
_REQUEST: Final = """
WITH asked AS (
  SELECT asked.*,
         jsonb_build_array(jsonb_build_object(
           'at', statement_timestamp(), 'trigger', trigger, 'by', actor_name)) AS edit
  FROM jsonb_to_recordset(%(asked)s::jsonb) AS asked (
    opportunity_id bigint, trigger text, actor_name text, urgency int
  )
),
joined AS (
  UPDATE console_outboundpush AS push
  SET requests = push.requests + 1,
      covers = jsonb_path_query_array(push.covers || asked.edit, '$[last - 49 to last]'),
      urgency = least(push.urgency, asked.urgency),
      trigger = asked.trigger,
      actor_name = asked.actor_name,
      state = CASE push.state WHEN 'parked' THEN 'queued' ELSE push.state END,
      not_before = CASE WHEN push.state = 'parked' THEN statement_timestamp()
                        WHEN push.state = 'queued' AND push.strikes = 0
                        THEN least(push.not_before, statement_timestamp())
                        ELSE push.not_before END,
      attempts = CASE WHEN push.state = 'parked' OR (push.state = 'queued' AND push.strikes = 0)
                      THEN 0 ELSE push.attempts END,
      strikes = CASE push.state WHEN 'parked' THEN least(push.strikes, %(alone)s)
                                ELSE push.strikes END
  FROM asked
  WHERE push.opportunity_id = asked.opportunity_id AND push.lane = %(lane)s
    AND push.state IN ('queued', 'held', 'parked')
  RETURNING push.opportunity_id
)
INSERT INTO console_outboundpush (
  opportunity_id, lane, urgency, state, trigger, actor_name, requests, covers, requested_at,
  not_before, attempts, strikes, claimed_by, fence, reason, detail
)
SELECT opportunity_id, %(lane)s, urgency, 'queued', trigger, actor_name, 1, edit,
       statement_timestamp(), statement_timestamp(), 0, 0, '', 0, '', ''
FROM asked
WHERE opportunity_id NOT IN (SELECT opportunity_id FROM joined)
"""

_AFRESH: Final[Mapping[str, Any]] = {
    "state": State.QUEUED,
    "not_before": Now(),
    "attempts": 0,
    "strikes": 0,
    "struck_at": None,
}


def retry(push_ids: Sequence[int], *, actor: Actor) -> int:
    """How many parked, held or waiting pushes were set to go out now."""
    waiting = OutboundPush.objects.filter(pk__in=push_ids, state__in=OutboundPush.WAITING)
    with transaction.atomic():
        lock_opportunities(waiting.values_list("opportunity_id", flat=True))
        count = waiting.update(
            **_AFRESH,
            urgency=Urgency.CLICK if len(push_ids) <= _A_HANDFUL else Urgency.BULK,
            trigger="push_again",
            actor_name=actor.name,
        )
        doorbell.ring_after_commit()
    return count


def release_held(*, at_most: int | None = None) -> int:
    """How many held pushes go out now that the connection is back: links first, then who waits for
    what, then the oldest. `at_most`: so many, to see how they fare."""
    released = 0
    while at_most is None or released < at_most:
        part = _release_some(min(_AT_ONCE, at_most or _AT_ONCE))
        released += part
        if part < _AT_ONCE:
            break
    return released


def _release_some(limit: int) -> int:
    held = OutboundPush.objects.select_for_update(skip_locked=True).filter(state=State.HELD)
    with transaction.atomic():
        chosen = list(held.order_by("lane", "urgency", "pk").values_list("pk", flat=True)[:limit])
        count = OutboundPush.objects.filter(pk__any_of=chosen).update(
            state=State.QUEUED, not_before=Least(F("not_before"), Now())
        )
        if count:
            doorbell.ring_after_commit()
    return count


def hold_again() -> int:
    """How many due pushes that were held before are held again, since the connection is broken: why
    they wait was told when they were held first."""
    held_before = OutboundPush.objects.select_for_update(skip_locked=True).filter(
        state=State.QUEUED, reason=Reason.HELD_UNTIL_CONNECTED, not_before__lte=Now()
    )
    with transaction.atomic():
        chosen = list(held_before.order_by("pk").values_list("pk", flat=True)[:_COUNTED])
        return OutboundPush.objects.filter(pk__any_of=chosen).update(state=State.HELD)


def due_count() -> int:
    """How many pushes should be under way by now and are not; ten thousand at most."""
    overdue = Q(state=State.QUEUED, not_before__lte=Now())
    abandoned = Q(state=State.SENDING, lease_until__lt=Now())
    return OutboundPush.objects.filter(overdue | abandoned)[:_COUNTED].count()
