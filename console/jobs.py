"""What a worker runs. The doorbell names these functions; each takes ids only, or nothing."""

from __future__ import annotations

from django.conf import settings

from console import doorbell, drain


def drain_outbound() -> int:
    """How many pushes were dealt with: everything that is due."""
    doorbell.answered()
    worker = doorbell.worker_name()
    # Without a worker around it this is the sweep, or a test, and shares its thread.
    threads = settings.PUSH_THREADS if worker else 1
    return drain.drain(worker=worker, threads=threads, processes=settings.PUSH_PROCESSES)
