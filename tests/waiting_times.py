"""Lets time pass for what waits: retries, and the pause of a connection in trouble."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F

from console.models import OutboundPush, SalesforceConnection

_LONG = timedelta(hours=1)


def time_passes() -> None:
    """An hour, as far as pushes and connections are concerned; not for what somebody holds."""
    queued = OutboundPush.objects.filter(state=OutboundPush.State.QUEUED)
    with transaction.atomic():
        free = queued.select_for_update(skip_locked=True).values_list("pk", flat=True)
        OutboundPush.objects.filter(pk__any_of=list(free)).update(
            not_before=F("not_before") - _LONG, unsure_until=F("unsure_until") - _LONG
        )
    SalesforceConnection.objects.filter(paused_until__isnull=False).update(
        paused_until=F("paused_until") - _LONG
    )


def leases_run_out() -> None:
    """Whoever has a push in hand has stood still for too long."""
    OutboundPush.objects.filter(state=OutboundPush.State.SENDING).update(
        lease_until=F("lease_until") - _LONG
    )
