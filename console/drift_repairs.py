"""Mends drift by asking for pushes: what is written is decided by the push, never here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from django.db import transaction
from django.db.models import OuterRef, Subquery

from console import doorbell, outbox
from console.actor import Actor
from console.locks import lock_opportunities
from console.models import Drift, OutboundPush
from console.models.outbound_push import PushLane, PushUrgency
from syncrules.drift import DriftField, Verdict
from syncrules.reconcile import MENDED_BY_LINK, MENDED_BY_PRODUCTS

TRIGGER: Final = "reconcile"
_AT_ONCE: Final = 1000
FIELDS: Final[Mapping[PushLane, frozenset[DriftField]]] = {
    OutboundPush.Lane.LINK: MENDED_BY_LINK,
    OutboundPush.Lane.PRODUCTS: MENDED_BY_PRODUCTS,
}


def lane_of(row: Drift) -> PushLane | None:
    """The lane of the push that mends it; None for what cannot be pushed away."""
    if row.verdict == Verdict.FOREIGN or row.opportunity_id is None:
        return None
    return next((lane for lane, fields in FIELDS.items() if row.field in fields), None)


def repair(drift_ids: Sequence[int], *, actor: Actor, urgency: PushUrgency) -> int:
    """How many opportunities are pushed again for these rows. What cannot be mended so stays."""
    asked = set()
    with doorbell.rung_once():
        for lane, fields in FIELDS.items():
            rows = Drift.objects.filter(
                pk__in=drift_ids, field__in=fields, closed_at__isnull=True
            ).exclude(verdict=Verdict.FOREIGN)
            wanted = sorted(set(rows.values_list("opportunity_id", flat=True)) - {None})
            for part in _in_parts(wanted):
                _push(part, lane=lane, actor=actor, urgency=urgency)
            asked |= set(wanted)
    return len(asked)


def _push(
    opportunity_ids: Sequence[int], *, lane: PushLane, actor: Actor, urgency: PushUrgency
) -> None:
    """One push brings all of its lane, so that the other rows of the opportunity await it too."""
    with transaction.atomic():
        lock_opportunities(opportunity_ids)
        wanted = {pk: (TRIGGER, actor.name, int(urgency)) for pk in opportunity_ids}
        outbox.request_many(wanted, lane=lane)
        push = OutboundPush.objects.filter(
            opportunity=OuterRef("opportunity"), lane=lane, state__in=OutboundPush.WAITING
        )
        rows = Drift.objects.filter(
            opportunity_id__in=opportunity_ids, field__in=FIELDS[lane], closed_at__isnull=True
        ).exclude(verdict=Verdict.FOREIGN)
        rows.update(push=Subquery(push.values("pk")[:1]), awaits_push=True)


def _in_parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
