"""What a worker runs. The doorbell names these functions; each takes ids only, or nothing."""

from __future__ import annotations

import logging
from typing import Final

from django.conf import settings

from console import doorbell, outbox
from console.flows import push_outbound, sync_products

logger = logging.getLogger(__name__)


# Products of one opportunity may be a thousand; a batch of them is smaller, and has longer.
_PRODUCT_BATCH: Final = 50
_PRODUCT_LEASES: Final = 5


def drain_outbound() -> int:
    """How many pushes were dealt with: everything that is due, batch after batch.

    Links first, and again before every batch of products: they are short, and products need them.
    """
    doorbell.answered()
    dealt_with = 0
    while True:
        if claims := outbox.claim():
            push_outbound.run(claims)
        elif claims := _claim_products():
            sync_products.run(claims)
        else:
            break
        dealt_with += len(claims)
    if dealt_with:
        logger.info("%s pushes dealt with", dealt_with)
    return dealt_with


def _claim_products() -> list[outbox.Claim]:
    lease = settings.PUSH_LEASE * _PRODUCT_LEASES
    return outbox.claim(limit=_PRODUCT_BATCH, lease=lease, lane=outbox.Lane.PRODUCTS)
