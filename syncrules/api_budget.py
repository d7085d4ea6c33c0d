"""How many API calls the console may still make, for whom, and when its backlog will be drained.

Salesforce counts the calls of all clients over a rolling day. The console keeps to a share of that
allocation, and each more urgent kind of work has a reserve that the less urgent one leaves alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

HOURS: Final = 24
_BRIM: Final = 95
"""Percent of the org's allocation from which on nobody should make it worse."""
_LINKS_A_CALL: Final = 1000
_CALLS_FOR_LINKS: Final = 3
_PRODUCTS_A_CALL: Final = 200
_CALLS_FOR_PRODUCTS: Final = 4
"""To read, to write and to read back; and for products mostly one kind of change."""


class Urgency(IntEnum):
    """Who waits for a push."""

    CLICK = 0
    EVENT = 1
    BULK = 2


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an administrator grants. `share_percent` of the org's allocation is the budget, of which
    `reserve_percent` each is kept for clicks and for what happens."""

    share_percent: int
    reserve_percent: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls within the last 24 hours.

    Shape: `ours` by hour, the present one last; `used` by all clients, of `maximum`, as Salesforce
           last told, None where it has not told yet
    """

    ours: Sequence[int]
    used: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What the console may do now. `limit` None: the org has not told its allocation yet."""

    spent: int
    limit: int | None
    is_at_the_brim: bool
    reserve: int = 0

    def left(self, urgency: Urgency) -> int | None:
        """Calls that work of this urgency may still make now; None where no limit is known."""
        if self.limit is None:
            return None
        if self.is_at_the_brim:
            return 0
        return max(self.limit - self.reserve * urgency - self.spent, 0)

    def allows(self, urgency: Urgency) -> bool:
        left = self.left(urgency)
        return left is None or left > 0


def budget(usage: Usage, allowance: Allowance) -> Budget:
    """What may be spent now."""
    spent = sum(usage.ours)
    if usage.maximum is None:
        return Budget(spent, None, is_at_the_brim=False)
    limit = usage.maximum * allowance.share_percent // 100
    is_at_the_brim = usage.used is not None and usage.used * 100 >= usage.maximum * _BRIM
    return Budget(spent, limit, is_at_the_brim, limit * allowance.reserve_percent // 100)


def calls_for(*, links: int, products: int) -> int:
    """About how many calls it takes to bring so many opportunities in step."""
    of_links = -(-links // _LINKS_A_CALL) * _CALLS_FOR_LINKS
    return of_links + -(-products // _PRODUCTS_A_CALL) * _CALLS_FOR_PRODUCTS


def hours_until(calls: int, *, usage: Usage, allowance: Allowance, urgency: Urgency) -> int | None:
    """In how many hours there is room for so many calls of this urgency; 0 is now.

    Only our own calls are foreseen to leave the window, hour by hour. None: not within a day.
    """
    now = budget(usage, allowance)
    if now.limit is None:
        return 0
    if now.is_at_the_brim:
        return None
    room = now.limit - now.reserve * urgency
    for hour in range(HOURS + 1):
        if sum(usage.ours[hour:]) + calls <= room:
            return hour
    return None
