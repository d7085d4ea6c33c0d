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
from django.utils import timezone

from console import doorbell
from console.actor import Actor
from console.claims import Claim
from console.locks import lock_opportunities
from console.models import OutboundPush
from console.models.outbound_push import PushLane, PushUrgency
from syncrules.reasons import Reason

State = OutboundPush.State
Lane = OutboundPush.Lane
Urgency = OutboundPush.Urgency
_EDITS_KEPT: Final = 50
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
        push = OutboundPush.objects.filter(
            opportunity_id=opportunity_id, lane=lane, state__in=OutboundPush.WAITING
        ).first()
        if push is None:
            push = _new(opportunity_id, lane, trigger, actor.name, urgency)
            push.save()
        else:
            _join(push, trigger=trigger, actor_name=actor.name, urgency=urgency)
        transaction.on_commit(doorbell.ring)
    return push


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
    """The waiting pushes of many opportunities, made or joined in a few queries.

    Call with the opportunities locked.

    Shape: opportunity id -> trigger, name of the actor, urgency
    """
    missing = dict(wanted)
    waiting = OutboundPush.objects.filter(
        opportunity_id__any_of=wanted, lane=lane, state__in=OutboundPush.WAITING
    )
    for push in waiting:
        trigger, actor_name, urgency = missing.pop(push.opportunity_id)
        _join(push, trigger=trigger, actor_name=actor_name, urgency=urgency)
    asked = [
        {
            "opportunity_id": opportunity_id,
            "urgency": urgency,
            "trigger": trigger,
            "actor_name": actor_name,
            "covers": [_edit(trigger, actor_name)],
        }
        for opportunity_id, (trigger, actor_name, urgency) in missing.items()
    ]
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(_REQUEST, [lane, json.dumps(asked)])
    if wanted:
        transaction.on_commit(doorbell.ring)


_REQUEST: Final = """
INSERT INTO console_outboundpush (
  opportunity_id, lane, urgency, state, trigger, actor_name, requests, covers, requested_at,
  not_before, attempts, strikes, claimed_by, fence, reason, detail
)
SELECT opportunity_id, %s, urgency, 'queued', trigger, actor_name, 1, covers, statement_timestamp(),
       statement_timestamp(), 0, 0, '', 0, '', ''
FROM jsonb_to_recordset(%s::jsonb) AS asked (
  opportunity_id bigint, urgency int, trigger text, actor_name text, covers jsonb
)
"""


def _new(
    opportunity_id: int, lane: PushLane, trigger: str, actor_name: str, urgency: int
) -> OutboundPush:
    return OutboundPush(
        opportunity_id=opportunity_id,
        lane=lane,
        urgency=urgency,
        trigger=trigger,
        actor_name=actor_name,
        covers=[_edit(trigger, actor_name)],
        requested_at=Now(),
        not_before=Now(),
    )


def _join(push: OutboundPush, *, trigger: str, actor_name: str, urgency: int) -> None:
    """One more edit for a waiting push. A parked one is tried afresh; a held one stays held."""
    changes: dict[str, Any] = {
        "requests": F("requests") + 1,
        "covers": [*push.covers, _edit(trigger, actor_name)][-_EDITS_KEPT:],
        "urgency": Least(F("urgency"), urgency),
        "trigger": trigger,
        "actor_name": actor_name,
    }
    if push.state == State.PARKED:
        changes |= _AFRESH
    elif push.state == State.QUEUED and push.strikes == 0:
        # No later than it was due: an opportunity that is edited all the time keeps its place.
        changes |= {"not_before": Least(F("not_before"), Now()), "attempts": 0}
    OutboundPush.objects.filter(pk=push.pk).update(**changes)
    push.refresh_from_db()


_AFRESH: Final[Mapping[str, Any]] = {
    "state": State.QUEUED,
    "not_before": Now(),
    "attempts": 0,
    "strikes": 0,
    "struck_at": None,
}


def _edit(trigger: str, actor_name: str) -> dict[str, str]:
    return {"at": timezone.now().isoformat(), "trigger": trigger, "by": actor_name}


def retry(push_ids: Sequence[int], *, actor: Actor) -> int:
    """How many parked, held or waiting pushes were set to go out now."""
    with transaction.atomic():
        waiting = OutboundPush.objects.filter(pk__in=push_ids, state__in=OutboundPush.WAITING)
        count = waiting.update(
            **_AFRESH,
            urgency=Urgency.CLICK if len(push_ids) <= _A_HANDFUL else Urgency.BULK,
            trigger="push_again",
            actor_name=actor.name,
        )
        transaction.on_commit(doorbell.ring)
    return count


def release_held() -> int:
    """How many held pushes go out now that the connection is back."""
    with transaction.atomic():
        held = OutboundPush.objects.filter(state=State.HELD)
        count = held.update(state=State.QUEUED, not_before=Least(F("not_before"), Now()))
        if count:
            transaction.on_commit(doorbell.ring)
    return count


def hold_due() -> int:
    """How many due pushes were held because there is no live connection."""
    return OutboundPush.objects.filter(state=State.QUEUED, not_before__lte=Now()).update(
        state=State.HELD, reason=Reason.HELD_UNTIL_CONNECTED
    )


def due_count() -> int:
    """How many pushes should be under way by now and are not; ten thousand at most."""
    overdue = Q(state=State.QUEUED, not_before__lte=Now())
    abandoned = Q(state=State.SENDING, lease_until__lt=Now())
    return OutboundPush.objects.filter(overdue | abandoned)[:_COUNTED].count()
