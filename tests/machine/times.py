"""Time as the machine has it: nothing becomes due unless the machine says that hours have passed.

A wait of a fraction of a second would be over or not, as busy as the computer is, and no example
could be repeated. So each wait that begins is an hour longer, and the hours are taken off again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import F

from console.models import InboundEvent, OutboundPush, SalesforceConnection

_LONGER: Final = timedelta(hours=1)
_HOURS: Final = timedelta(hours=3)
State = OutboundPush.State


def now() -> datetime:
    """The database's time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


@contextmanager
def waits_are_long() -> Iterator[None]:
    """Waits that begin within it, of pushes and of the connection, last an hour longer."""
    since = now()
    yield
    begun = OutboundPush.objects.filter(state=State.QUEUED, not_before__gt=since)
    begun.exclude(not_before=F("requested_at")).update(not_before=F("not_before") + _LONGER)
    paused = SalesforceConnection.objects.filter(paused_until__gt=since)
    paused.update(paused_until=F("paused_until") + _LONGER)


def minutes_pass() -> None:
    """What failed may be tried again; what was sent before may still arrive."""
    queued = OutboundPush.objects.filter(state=State.QUEUED)
    queued.exclude(trigger="late_write").update(not_before=F("not_before") - _HOURS)
    SalesforceConnection.objects.update(paused_until=F("paused_until") - _HOURS)


def hours_pass() -> None:
    """Whatever waits has waited long enough. Claims are not touched: who lives keeps them."""
    minutes_pass()
    pushes = OutboundPush.objects.all()
    pushes.filter(state=State.QUEUED, trigger="late_write").update(
        not_before=F("not_before") - _HOURS
    )
    pushes.filter(unsure_until__isnull=False).update(unsure_until=F("unsure_until") - _HOURS)
    SalesforceConnection.objects.update(next_poll_at=F("next_poll_at") - _HOURS)
    InboundEvent.objects.filter(claimed_until__isnull=False).update(
        claimed_until=F("claimed_until") - _HOURS
    )


def leases_run_out(*, of: str = "") -> int:
    """How many claims were lost by who did not prolong them: the named owner, or everybody."""
    held = OutboundPush.objects.filter(state=State.SENDING, claimed_by__startswith=of)
    return held.update(lease_until=F("lease_until") - _HOURS)
