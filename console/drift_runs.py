"""Runs of "reconcile": asked for, claimed a slice at a time, brought to their end.

All times are the database's. A run goes on where it has come to, whoever claims it next; who has
lost the claim records nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.db.models.functions import Coalesce, Now

from console.actor import Actor
from console.models import OutboundPush, ReconcileRun
from console.models.reconcile_run import RunPhase

State = ReconcileRun.State
Push = OutboundPush.State
Phase = ReconcileRun.Phase
LEASE: Final = timedelta(minutes=2)
REST: Final = timedelta(minutes=1)
MOST_FAILURES: Final = 5
SCHEDULED: Final = "schedule"


_IS_OF_ALL: Final = ExpressionWrapper(Q(only__isnull=True), output_field=BooleanField())


class Lost(Exception):
    """Somebody else has claimed the run meanwhile, and does this slice again."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A run in one's hands, from where it has come to until a step further.

    `began`: the database's time before anything was read.
    """

    run_id: int
    fence: int
    phase: RunPhase
    behind: str
    only: Sequence[int] | None
    failures: int
    began: datetime

    @property
    def is_asked_for(self) -> bool:
        """Whether somebody waits for just these opportunities."""
        return self.only is not None


def request(*, trigger: str, actor: Actor, only: Sequence[int] | None = None) -> ReconcileRun:
    """The run that will compare everything, made or joined; or one for some opportunities."""
    run = ReconcileRun(
        trigger=trigger,
        actor_name=actor.name,
        only=sorted(set(only)) if only is not None else None,
        requested_at=Now(),
        not_before=Now(),
    )
    if only is not None:
        run.save(force_insert=True)
        return run
    # One of all is under way at a time: a second is refused by the database, and joins.
    ReconcileRun.objects.bulk_create([run], ignore_conflicts=True)
    of_all = ReconcileRun.objects.filter(only__isnull=True, state=State.RUNNING)
    of_all.update(not_before=Now())
    return of_all.get()


def is_due() -> bool:
    """Whether it is time to compare everything again.

    While pushes are on their way much would differ that is about to be equal, so that it waits for
    a moment without; but for no longer than as long again.
    """
    if not settings.RECONCILE_EVERY:
        return False
    of_all = ReconcileRun.objects.filter(only__isnull=True)
    last = of_all.annotate(age=Now() - F("requested_at")).order_by("-pk").first()
    if last is None:
        return not _are_pushes_on_their_way()
    if last.state == State.RUNNING or last.age < settings.RECONCILE_EVERY:
        return False
    return last.age >= 2 * settings.RECONCILE_EVERY or not _are_pushes_on_their_way()


def _are_pushes_on_their_way() -> bool:
    due = OutboundPush.objects.filter(state=Push.QUEUED, not_before__lte=Now())
    return due.exists() or OutboundPush.objects.filter(state=Push.SENDING).exists()


def claim(*, run_id: int | None = None) -> Slice | None:
    """The next slice, of one run or of whichever comes first: those that somebody waits for."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    waiting = ReconcileRun.objects.filter(free, state=State.RUNNING, not_before__lte=Now())
    if run_id is not None:
        waiting = waiting.filter(pk=run_id)
    with transaction.atomic():
        ordered = waiting.alias(is_of_all=_IS_OF_ALL).order_by("is_of_all", "pk")
        found = ordered.select_for_update(skip_locked=True).first()
        if found is None:
            return None
        rows = ReconcileRun.objects.filter(pk=found.pk)
        rows.update(
            fence=F("fence") + 1,
            lease_until=Now() + LEASE,
            started_at=Coalesce(F("started_at"), Now()),
        )
        began = rows.annotate(began=Now()).values_list("began", flat=True).get()
    return Slice(
        found.pk,
        found.fence + 1,
        RunPhase(found.phase),
        found.behind,
        found.only,
        found.failures,
        began,
    )


def advance(held: Slice, *, phase: RunPhase, behind: str, **counts: int) -> None:
    """The slice is done, and the next may be claimed by anyone.

    Call in the transaction that keeps what was found. Errors: Lost.
    """
    added = {name: F(name) + number for name, number in counts.items()}
    _write(held, phase=phase, behind=behind, lease_until=None, failures=0, detail="", **added)


def finish(held: Slice, **tally: Any) -> None:
    """Everything was compared. Errors: Lost."""
    _write(held, state=State.DONE, finished_at=Now(), lease_until=None, **tally)


def wait(held: Slice, *, because: str) -> None:
    """The slice is tried again after a while; nothing is lost. Errors: Lost."""
    _write(held, lease_until=None, not_before=Now() + REST, detail=because[:2000])


def stumble(held: Slice, *, because: str) -> None:
    """The slice failed through no fault of the connection: after a few times the run is given up.

    Errors: Lost.
    """
    failures = held.failures + 1
    if failures < MOST_FAILURES:
        _write(held, failures=failures)
        wait(held, because=because)
    else:
        end = {"state": State.FAILED, "finished_at": Now(), "lease_until": None}
        _write(held, failures=failures, detail=because[:2000], **end)


def _write(held: Slice, **changes: Any) -> None:
    mine = ReconcileRun.objects.filter(pk=held.run_id, fence=held.fence, state=State.RUNNING)
    if not mine.update(**changes):
        raise Lost
