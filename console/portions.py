"""How much goes at a time, so that somebody's click waits for a few seconds at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from console.salesforce import batches

_A_FEW_SECONDS: Final = 3
_T = TypeVar("_T")


def records_in_time(most: int, *, write_ms: float | None) -> int:
    """How many records are written in a few seconds: whole collections, one at least.

    Units: `write_ms` is the time that one record takes; None where nobody knows yet.
    """
    if not write_ms:
        return most
    collections = min(int(_A_FEW_SECONDS * 1000 / write_ms), most) // batches.COLLECTION
    return max(collections, 1) * batches.COLLECTION


def first(items: Sequence[_T], *, size: Callable[[_T], int], most: int) -> Sequence[_T]:
    """As many of the items, in their order, as are no larger than `most` together; one at least,
    so that what is too large for any portion goes by itself."""
    together = 0
    for place, item in enumerate(items):
        together += size(item)
        if place and together > most:
            return items[:place]
    return items
