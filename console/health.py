"""`/healthz`: the process answers. `/readyz`: whether its pages work, and how the rest is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse

from console import doorbell, heartbeats, outbox, vitals
from console.heartbeats import Seen

_RECENT: Final = timedelta(minutes=1)


@login_not_required
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def readyz(_request: HttpRequest) -> JsonResponse:
    """503 unless the database answers with the schema of this version, or of a later one.

    Redis, Salesforce, workers and sweeper are reported but not required: pages work and pushes wait
    without them.
    """
    try:
        is_migrated = _is_migrated()
        report = _report() if is_migrated else {}
    except DatabaseError:
        return JsonResponse({"database": "down"}, status=503)
    database = "ok" if is_migrated else "migrations are missing"
    return JsonResponse({"database": database} | report, status=200 if is_migrated else 503)


def _is_migrated() -> bool:
    """A schema that is ahead will do: in a rolling deployment it is migrated first."""
    return _migrations() <= MigrationRecorder(connection).applied_migrations().keys()


@cache
def _migrations() -> set[tuple[str, str]]:
    """Those that this version brings."""
    return set(MigrationLoader(None).graph.nodes)


def _report() -> dict[str, Any]:
    workers = doorbell.workers()
    _, breaker = vitals.breaker()
    seen = heartbeats.seen()
    return {
        "redis": "down; the sweep drains meanwhile" if workers is None else "ok",
        "salesforce": _salesforce(breaker),
        "pushes_due": outbox.due_count(),
        "oldest_due_seconds": _whole(vitals.oldest_due_seconds()),
        "workers": workers,
        "worker_hosts_at_work": _at_work(seen, heartbeats.Kind.WORKER),
        "sweeper_seen_seconds": _last_seen(seen, heartbeats.Kind.SWEEPER),
        "poll_seconds": _whole(breaker.poll_seconds),
    }


def _salesforce(breaker: vitals.Breaker) -> str:
    if breaker.state == "paused":
        return f"paused for another {breaker.paused_seconds:.0f} s"
    return breaker.state


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)


def _at_work(seen: Sequence[Seen], kind: str) -> int:
    """On how many hosts one was at work within the last minute."""
    return sum(each.kind == kind and each.ago < _RECENT for each in seen)


def _last_seen(seen: Sequence[Seen], kind: str) -> int | None:
    """How many seconds ago; None where nothing was seen of it for a day."""
    ages = (each.ago.total_seconds() for each in seen if each.kind == kind)
    return _whole(min(ages, default=None))
