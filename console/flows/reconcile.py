"""Both sides are compared in bulk, and what differs is kept in the ledger of drift.

A run is a row, and works in slices of one call each: read, gather, judge, keep. No transaction is
open while Salesforce is asked. Whoever claims the run next goes on behind the last slice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import OuterRef, Subquery

from console import connections, drift_ledger, drift_runs
from console.actor import Actor
from console.drift_claims import compare_claims
from console.drift_reading import NotNow
from console.drift_runs import Lost, Slice
from console.drift_slices import Compared, compare_pairs, compare_products
from console.durability import durably
from console.models import Drift, OutboundPush, ReconcileRun
from console.models.reconcile_run import RunPhase
from console.salesforce.gateway import SalesforceError
from syncrules.retry import Trouble

logger = logging.getLogger(__name__)

BY_ITSELF: Final = Actor.console("reconcile")
A_TURN_SECONDS: Final = 2
FOLLOWED_AT_ONCE: Final = 200
AFTER_PUSH: Final = "after_push"
_PASSES: Final = frozenset(
    {
        Trouble.UNAVAILABLE,
        Trouble.CROWDED,
        Trouble.RECORD_BUSY,
        Trouble.LIMIT_REACHED,
        Trouble.MISCONFIGURED,
    }
)
"""With these the connection is at fault, and the run waits until it is mended."""
_COMPARE: Final = {
    RunPhase.PAIRS: compare_pairs,
    RunPhase.PRODUCTS: compare_products,
    RunPhase.CLAIMS: compare_claims,
}
_NEXT: Final = {RunPhase.PAIRS: RunPhase.PRODUCTS, RunPhase.PRODUCTS: RunPhase.CLAIMS}


def go_on() -> int:
    """How many slices were compared in this turn of the sweep: what is due is begun, what is under
    way goes on, for a few seconds. While Salesforce cannot be asked everything waits."""
    row = connections.in_force()
    if row is None or not connections.fact(row).is_live or connections.is_paused(row):
        return 0
    follow_pushes()
    if drift_runs.is_due():
        drift_runs.request(trigger=drift_runs.SCHEDULED, actor=BY_ITSELF)
    started, slices = time.monotonic(), 0
    while time.monotonic() - started < A_TURN_SECONDS and (held := drift_runs.claim()):
        if not _step(held):
            break
        slices += 1
    return slices


def run(run_id: int) -> ReconcileRun:
    """The run as it has ended, or as it waits where it cannot go on now."""
    while held := drift_runs.claim(run_id=run_id):
        if not _step(held):
            break
    return ReconcileRun.objects.get(pk=run_id)


def follow_pushes() -> ReconcileRun | None:
    """A run for the opportunities whose drift a push was to mend that has ended since; if any."""
    # Looked up row by row and not joined: after a repair in bulk the database's statistics know
    # nothing yet of all that waits.
    push = OutboundPush.objects.filter(pk=OuterRef("push")).values("finished_at")
    waiting = Drift.objects.filter(awaits_push=True).order_by()
    ended = waiting.alias(ended_at=Subquery(push)).filter(ended_at__isnull=False)
    ids = list(ended.values_list("opportunity_id", flat=True).distinct()[:FOLLOWED_AT_ONCE])
    if not ids:
        return None
    with transaction.atomic():
        # Of two sweepers one asks: the other's update finds nothing left.
        if not ended.filter(opportunity_id__in=ids).update(awaits_push=False):
            return None
        return drift_runs.request(trigger=AFTER_PUSH, actor=BY_ITSELF, only=ids)


def _step(held: Slice) -> bool:
    """Whether a further slice was compared. One that cannot be is tried again later."""
    try:
        compared = _COMPARE[held.phase](held)
        durably(lambda: _keep(held, compared))
    except Lost:
        return False
    except (OperationalError, InterfaceError):
        raise
    except NotNow as reason:
        _set_back(held, drift_runs.wait, because=str(reason))
    except SalesforceError as error:
        logger.warning("comparison %s waits: %s", held.run_id, error)
        passes = error.trouble in _PASSES
        _set_back(held, drift_runs.wait if passes else drift_runs.stumble, because=str(error))
    except Exception as error:
        logger.exception("comparison %s stumbled", held.run_id)
        because = f"{type(error).__name__}: {error}"
        _set_back(held, drift_runs.stumble, because=because)
    else:
        return True
    return False


def _set_back(held: Slice, how: Callable[..., None], *, because: str) -> None:
    with suppress(Lost):
        how(held, because=because)


def _keep(held: Slice, compared: Compared) -> None:
    """What was found, how far the run has come, and its end: all of it or nothing."""
    with transaction.atomic():
        is_over = compared.is_last and held.phase not in _NEXT
        phase = _NEXT.get(held.phase, held.phase) if compared.is_last else held.phase
        drift_runs.advance(
            held,
            phase=phase,
            behind="" if compared.is_last else compared.behind,
            compared=compared.pairs,
            passed_over=len(compared.passed_over) if held.phase is RunPhase.PAIRS else 0,
            calls=compared.calls,
            opened=drift_ledger.keep(held.run_id, compared.rows),
        )
        drift_ledger.pass_over(held.run_id, compared.passed_over)
        if is_over:
            _finish(held)


def _finish(held: Slice) -> None:
    row = ReconcileRun.objects.get(pk=held.run_id)
    closed = drift_ledger.close_unseen(row)
    drift_runs.finish(held, closed=closed, **drift_ledger.tally(row))
    logger.info("comparison %s is done: %s pairs, %s rows closed", row.pk, row.compared, closed)
