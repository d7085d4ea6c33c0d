"""What happens by itself, in turns: ring or drain, probe, poll, act, release, compare, prune.

Needs no Redis: pushes that nobody takes up are sent from here. Two sweepers do no harm, since
every step claims what it takes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.db.models.functions import Now

from console import (
    connections,
    doorbell,
    heartbeats,
    intake,
    jobs,
    leases,
    pruning,
    release,
    turns,
)
from console.durability import is_of_a_lost_database
from console.flows import check_connection, reconcile
from console.models import SalesforceConnection

logger = logging.getLogger(__name__)

PATIENCE: Final = timedelta(seconds=10)


def turn() -> None:
    """One turn of everything. A part that fails does not keep the others from theirs.

    Errors: those of a lost database at once; whatever else went wrong together, at the end
    """
    heartbeats.beat()
    failures: list[Exception] = []
    for part in _PARTS:
        try:
            part()
        except Exception as error:
            if is_of_a_lost_database(error):
                raise
            failures.append(error)
    if failures:
        raise ExceptionGroup("parts of this turn failed", failures)


def probe() -> None:
    """Tries an untried or broken connection, the latter twice a minute, and releases what was held
    when it is live."""
    row = connections.in_force()
    if row is None:
        return
    untried = row.state == SalesforceConnection.State.UNTRIED
    broken = row.state == SalesforceConnection.State.BROKEN
    if untried or (broken and _is_my_turn(row)):
        result = check_connection.run(row.pk)
        if result.is_live:
            SalesforceConnection.objects.filter(pk=row.pk).update(next_poll_at=None)
        logger.info("probed %s: %s", row, result.sentence)
    elif row.state == SalesforceConnection.State.LIVE:
        check_connection.release(row)


def _is_my_turn(row: SalesforceConnection) -> bool:
    """Of two sweepers one tries. The poll uses the same clock, and rests while it is broken."""
    is_due = Q(next_poll_at__isnull=True) | Q(next_poll_at__lte=Now())
    rows = SalesforceConnection.objects.filter(is_due, pk=row.pk)
    return rows.update(next_poll_at=Now() + connections.PROBE_EVERY) == 1


def ring_or_drain() -> None:
    """Wakes a worker for what is due; what no worker took up in time is sent from here."""
    if not turns.is_called_for():
        return
    is_heard = doorbell.ring() and (
        leases.is_anybody_at_work() or not turns.is_called_for(older_than=PATIENCE)
    )
    if not is_heard:
        jobs.drain_outbound()


def _unless_paused(part: Callable[[], object]) -> Callable[[], None]:
    """Salesforce is not asked while it is to be left alone."""

    def run() -> None:
        row = connections.in_force()
        if row is None or not connections.is_paused(row):
            part()

    return run


# What is due goes first, however slowly Salesforce tells what is new; then what came of that.
_PARTS: Final[Sequence[Callable[[], object]]] = (
    ring_or_drain,
    probe,
    _unless_paused(intake.poll),
    _unless_paused(intake.act_on_waiting),
    _unless_paused(release.release_and_run),
    ring_or_drain,
    reconcile.go_on,
    pruning.go_on,
)
