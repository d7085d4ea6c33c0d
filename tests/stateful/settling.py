"""Trouble ends, time passes, and everything that can go by itself goes until nothing moves."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from console import intake, jobs, outbox, release
from console.actor import Actor
from console.flows import check_connection
from console.models import InboundEvent, OutboundPush, SalesforceConnection, SyncLog, Waiting
from syncrules import push_outbound
from syncrules.reasons import Reason
from tests import waiting_times
from tests.stateful.attempts import entries_since, latest
from tests.stateful.monetizenow import MonetizeNow
from tests.stateful.salesforce import Salesforce

_ROUNDS = 12
_CONSOLE = Actor.console("sweep")


def drain() -> list[SyncLog]:
    """The entries of all that was due: one for each push that was dealt with."""
    before = latest()
    dealt_with = jobs.drain_outbound()
    entries = entries_since(before)
    own = [entry for entry in entries if entry.reason != Reason.OUTCOME_UNKNOWN]
    assert len(own) == dealt_with
    return entries


def sweep() -> list[SyncLog]:
    """The entries of one turn of all but the pushes: one for each event or released attempt."""
    SalesforceConnection.objects.update(next_poll_at=None)
    before = latest()
    intake.poll()
    assert entries_since(before) == []
    intake.act_on_waiting()
    told = entries_since(before)
    assert _pks(told) == set(
        InboundEvent.objects.filter(log_entry__gt=before).values_list("log_entry", flat=True)
    )
    middle = latest()
    release.release_and_run()
    released = entries_since(middle)
    assert _pks(released) == set(
        Waiting.objects.filter(released_entry__gt=middle)
        .exclude(flow=push_outbound.FLOW)
        .values_list("released_entry", flat=True)
    )
    return told + released


def _pks(entries: list[SyncLog]) -> set[int]:
    return {entry.pk for entry in entries}


def reconnect(salesforce: Salesforce) -> None:
    """Signed in again, if Salesforce answers; held pushes go out."""
    salesforce.accept_sign_in()
    result = check_connection.run(salesforce.connection.pk)
    assert result.is_live is salesforce.is_reachable


def time_passes() -> None:
    """Pauses between attempts are over, and so is the hour in which releases are counted."""
    waiting_times.time_passes()
    Waiting.objects.filter(released_at__isnull=False).update(released_at=Now() - timedelta(hours=2))


def settle(monetizenow: MonetizeNow, salesforce: Salesforce) -> None:
    """Nothing is left to be done. Errors: AssertionError where something goes on for ever."""
    salesforce.come_back()
    salesforce.accept_writes()
    reconnect(salesforce)
    waiting_times.leases_run_out()
    parked = OutboundPush.objects.filter(state=OutboundPush.State.PARKED)
    outbox.retry(list(parked.values_list("pk", flat=True)), actor=_CONSOLE)
    for _ in range(_ROUNDS):
        time_passes()
        entries = sweep()
        monetizenow.absorb(entries, salesforce)
        pushed = drain()
        monetizenow.absorb(pushed, salesforce)
        if not (entries or pushed):
            return
    raise AssertionError(f"after {_ROUNDS} rounds: {[str(each) for each in pushed]}")
