"""Asks for a push, hands out what is due, and records how it ended. The row is the job.

All times are the database's. Whoever writes a push row locks the opportunity first, so that the
order of rows is the order of commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from console import doorbell
from console.actor import Actor
from console.locks import lock_opportunities
from console.models import OutboundPush
from console.models.outbound_push import PushLane, PushState
from syncrules.reasons import Reason

State = OutboundPush.State
Lane = OutboundPush.Lane
BATCH: Final = 200


def request_push(
    *, opportunity_id: int, trigger: str, actor: Actor, lane: PushLane = Lane.LINK
) -> OutboundPush:
    """The waiting push of an opportunity, made or joined; a worker is woken after the commit.

    Ten requests are one push. One that comes while a push is being sent waits for the next.
    """
    with transaction.atomic():
        lock_opportunities([opportunity_id])
        push = OutboundPush.objects.filter(
            opportunity_id=opportunity_id, lane=lane, state__in=OutboundPush.WAITING
        ).first()
        if push is None:
            push = OutboundPush.objects.create(
                opportunity_id=opportunity_id,
                lane=lane,
                trigger=trigger,
                actor_name=actor.name,
                requested_at=Now(),
                not_before=Now(),
            )
        else:
            _join(push, trigger=trigger, actor=actor)
        transaction.on_commit(doorbell.ring)
    return push


def request_products(links: Iterable[Claim]) -> None:
    """The products of many opportunities are to follow their links, on behalf of the same people.

    Call with the opportunities locked, in the transaction that ends the pushes of the links.
    """
    following = {claim.opportunity_id: claim for claim in links}
    waiting = OutboundPush.objects.filter(
        opportunity_id__in=following, lane=Lane.PRODUCTS, state__in=OutboundPush.WAITING
    )
    for push in waiting:
        claim = following.pop(push.opportunity_id)
        _join(push, trigger=claim.trigger, actor=Actor(name=claim.actor_name))
    OutboundPush.objects.bulk_create(
        OutboundPush(
            opportunity_id=opportunity_id,
            lane=Lane.PRODUCTS,
            trigger=claim.trigger,
            actor_name=claim.actor_name,
            requested_at=Now(),
            not_before=Now(),
        )
        for opportunity_id, claim in following.items()
    )
    transaction.on_commit(doorbell.ring)


def _join(push: OutboundPush, *, trigger: str, actor: Actor) -> None:
    """One more edit for a waiting push. A parked one is tried afresh; a held one stays held."""
    changes: dict[str, Any] = {
        "requests": F("requests") + 1,
        "trigger": trigger,
        "actor_name": actor.name,
    }
    if push.state != State.HELD:
        changes |= {"state": State.QUEUED, "not_before": Now(), "attempts": 0}
    OutboundPush.objects.filter(pk=push.pk).update(**changes)
    push.refresh_from_db()


def retry(push_ids: Sequence[int], *, actor: Actor) -> int:
    """How many parked, held or waiting pushes were set to go out now."""
    with transaction.atomic():
        waiting = OutboundPush.objects.filter(pk__in=push_ids, state__in=OutboundPush.WAITING)
        count = waiting.update(
            state=State.QUEUED,
            not_before=Now(),
            attempts=0,
            trigger="push_again",
            actor_name=actor.name,
        )
        transaction.on_commit(doorbell.ring)
    return count


def release_held() -> int:
    """How many held pushes go out now that the connection is back."""
    with transaction.atomic():
        held = OutboundPush.objects.filter(state=State.HELD)
        count = held.update(state=State.QUEUED, not_before=Now())
        if count:
            transaction.on_commit(doorbell.ring)
    return count


def hold_due() -> int:
    """How many due pushes were held because there is no live connection."""
    return OutboundPush.objects.filter(state=State.QUEUED, not_before__lte=Now()).update(
        state=State.HELD, reason=Reason.HELD_UNTIL_CONNECTED
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """A push taken for sending. Only who holds the newest fence may record how it ended."""

    push_id: int
    opportunity_id: int
    fence: int
    attempts: int
    trigger: str
    actor_name: str
    lane: str


# The products of an opportunity wait while its link is being written, never the other way round.
_CLAIM: Final = """
WITH due AS (
  SELECT id FROM console_outboundpush AS push
  WHERE lane = %s
    AND ((state = 'queued' AND not_before <= statement_timestamp()
          AND NOT EXISTS (SELECT 1 FROM console_outboundpush AS other
                          WHERE other.opportunity_id = push.opportunity_id
                            AND other.lane IN (push.lane, 'link')
                            AND other.state = 'sending'))
      OR (state = 'sending' AND lease_until < statement_timestamp()))
  ORDER BY not_before, id
  LIMIT %s
  FOR UPDATE SKIP LOCKED
)
UPDATE console_outboundpush AS push
SET state = 'sending', fence = fence + 1, lease_until = statement_timestamp() + %s::interval
FROM due WHERE push.id = due.id
RETURNING push.id, push.opportunity_id, push.fence, push.attempts, push.trigger, push.actor_name,
          push.lane
"""


def claim(
    *, limit: int = BATCH, lease: timedelta | None = None, lane: PushLane = Lane.LINK
) -> list[Claim]:
    """What is due and not in anybody's hands, oldest first; leases that ran out are taken over."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [lane, limit, str(lease or settings.PUSH_LEASE)])
        claims = [Claim(*row) for row in cursor.fetchall()]
    return sorted(claims, key=lambda each: each.push_id)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a claimed push ends: the state it goes to, why, and when again if queued."""

    state: PushState
    reason: Reason
    detail: str = ""
    delay: timedelta = timedelta(0)
    burns_attempt: bool = False


def finish(claim: Claim, ending: Ending) -> bool:
    """Whether the ending was recorded; not when another worker has taken the push over.

    A push that should wait although a newer one waits already is superseded by it.
    Call with the opportunity locked.
    """
    state = ending.state
    if state in OutboundPush.WAITING and _has_a_newer_one(claim):
        state = State.SUPERSEDED
    is_waiting = state in OutboundPush.WAITING
    changed = OutboundPush.objects.filter(
        pk=claim.push_id, fence=claim.fence, state=State.SENDING
    ).update(
        state=state,
        reason=ending.reason,
        detail=ending.detail,
        attempts=F("attempts") + int(ending.burns_attempt),
        not_before=Now() + ending.delay if is_waiting else F("not_before"),
        lease_until=None,
        finished_at=None if is_waiting else Now(),
    )
    return changed == 1


def _has_a_newer_one(claim: Claim) -> bool:
    return OutboundPush.objects.filter(
        opportunity_id=claim.opportunity_id, lane=claim.lane, state__in=OutboundPush.WAITING
    ).exists()


def due_count(*, older_than: timedelta = timedelta(0)) -> int:
    """How many pushes should be under way by now and are not."""
    overdue = Q(state=State.QUEUED, not_before__lte=Now() - older_than)
    abandoned = Q(state=State.SENDING, lease_until__lt=Now() - older_than)
    return OutboundPush.objects.filter(overdue | abandoned).count()
