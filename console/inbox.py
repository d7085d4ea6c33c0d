"""Keeps what Salesforce told us, once each, and hands out what still waits to be acted upon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from console.models import InboundEvent, SyncLog
from console.models.inbound_event import InboundKind, InboundState

State = InboundEvent.State
POLL_SENDER: Final = "poll"
_LEASE: Final = timedelta(seconds=60)


def version_key(salesforce_id: str, modified_at: datetime) -> str:
    """Names one version of a record, the same each time the poll meets it."""
    return f"{salesforce_id}@{modified_at.isoformat()}"


def receive(
    *,
    sender: str,
    event_id: str,
    salesforce_id: str,
    modified_at: datetime | None,
    payload: dict[str, Any],
    kind: InboundKind = InboundKind.OPPORTUNITY,
) -> tuple[InboundEvent, bool]:
    """The event, and whether it is new. A repeat is counted on the one that is kept."""
    InboundEvent.objects.bulk_create(
        [
            event := InboundEvent(
                source=InboundEvent.Source.HTTP,
                kind=kind,
                sender=sender,
                event_id=event_id,
                salesforce_id=salesforce_id,
                modified_at=modified_at,
                payload=payload,
            )
        ],
        ignore_conflicts=True,
    )
    kept = InboundEvent.objects.exclude(state=State.REFUSED).get(sender=sender, event_id=event_id)
    is_new = kept.received_at == event.received_at
    if not is_new:
        InboundEvent.objects.filter(pk=kept.pk).update(repeats=F("repeats") + 1)
        kept.refresh_from_db(fields=["repeats"])
    return kept, is_new


def receive_polled(versions: Iterable[tuple[str, datetime]]) -> None:
    """Notes the record versions that a poll met; those met before stay as they are."""
    InboundEvent.objects.bulk_create(
        [
            InboundEvent(
                source=InboundEvent.Source.POLL,
                sender=POLL_SENDER,
                event_id=version_key(salesforce_id, modified_at),
                salesforce_id=salesforce_id,
                modified_at=modified_at,
            )
            for salesforce_id, modified_at in versions
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )


def refuse(*, sender: str, refusal: str, payload: dict[str, Any] | None = None) -> None:
    """Keeps that a call was refused and why; nothing else of it is acted upon."""
    InboundEvent.objects.create(
        source=InboundEvent.Source.HTTP,
        sender=_storable(sender)[:80],
        state=State.REFUSED,
        refusal=_storable(refusal)[:500],
        payload=payload or {},
    )


def _storable(text: str) -> str:
    """PostgreSQL keeps neither NUL nor half of a surrogate pair, and a refusal may quote both."""
    return text.encode(errors="replace").decode().replace("\x00", "?")


def claim(*, limit: int, event_id: int | None = None) -> list[InboundEvent]:
    """Events that nobody is acting upon, oldest first, for the next minute in our hands."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=Now())
    waiting = InboundEvent.objects.filter(free, state=State.RECEIVED)
    if event_id is not None:
        waiting = waiting.filter(pk=event_id)
    with transaction.atomic():
        events = list(waiting.select_for_update(skip_locked=True).order_by("pk")[:limit])
        InboundEvent.objects.filter(pk__in=[event.pk for event in events]).update(
            claimed_until=Now() + _LEASE
        )
    return events


def entry_under_lock(event_id: int) -> SyncLog | None:
    """The log entry that the event led to already. Until the transaction ends, nobody else can
    finish it."""
    event = InboundEvent.objects.select_for_update().only("log_entry").get(pk=event_id)
    return SyncLog.objects.get(pk=event.log_entry) if event.log_entry else None


def finish(event_id: int, entry: SyncLog) -> None:
    """The event led to this log entry."""
    InboundEvent.objects.filter(pk=event_id).update(
        state=State.PROCESSED, log_entry=entry.pk, processed_at=Now(), claimed_until=None
    )


def close(event_ids: Sequence[int], *, state: InboundState) -> None:
    """Events that need no attempt: stale ones, and echoes of our own writes."""
    InboundEvent.objects.filter(pk__in=event_ids).update(
        state=state, processed_at=Now(), claimed_until=None
    )


def give_back(event_ids: Sequence[int]) -> None:
    """Events that could not be acted upon just now are free again."""
    InboundEvent.objects.filter(pk__in=event_ids, state=State.RECEIVED).update(claimed_until=None)


def newer_seen(event: InboundEvent) -> bool:
    """Whether a later version of the same record has been acted upon already.

    What a quote initiation did says nothing of it: that is an order, not a version.
    """
    if event.modified_at is None:
        return False
    return InboundEvent.objects.filter(
        kind=InboundKind.OPPORTUNITY,
        salesforce_id=event.salesforce_id,
        modified_at__gt=event.modified_at,
        state=State.PROCESSED,
    ).exists()
