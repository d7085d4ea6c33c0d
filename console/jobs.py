"""What a worker runs. The doorbell names these functions; each takes ids only, or nothing."""

from __future__ import annotations

import logging

from django.conf import settings

from console import doorbell, drain

logger = logging.getLogger(__name__)


def drain_outbound() -> int:
    """How many pushes were dealt with: everything that is due."""
    doorbell.answered()
    worker = doorbell.worker_name()
    # Without a worker around it this is the sweep, or a test, and shares its thread.
    threads = settings.PUSH_THREADS if worker else 1
    dealt_with = drain.drain(worker=worker, threads=threads)
    if dealt_with:
        logger.info("%s pushes dealt with", dealt_with)
    return dealt_with
