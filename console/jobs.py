"""What a worker runs. The doorbell names these functions; each takes ids only, or nothing."""

from __future__ import annotations

import logging

from console import doorbell, outbox
from console.flows import push_outbound

logger = logging.getLogger(__name__)


def drain_outbound() -> int:
    """How many pushes were dealt with: everything that is due, batch after batch."""
    doorbell.answered()
    dealt_with = 0
    while claims := outbox.claim():
        push_outbound.run(claims)
        dealt_with += len(claims)
    if dealt_with:
        logger.info("%s pushes dealt with", dealt_with)
    return dealt_with
