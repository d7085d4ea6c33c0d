"""After a failed attempt: when is a push tried again, or not at all?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from syncrules.reasons import Reason


class Trouble(StrEnum):
    """What kind of failure an attempt met; the edge to Salesforce classifies."""

    UNAVAILABLE = "unavailable"
    RECORD_BUSY = "record_busy"
    LIMIT_REACHED = "limit_reached"
    MISCONFIGURED = "misconfigured"
    REJECTED = "rejected"
    RECORD_GONE = "record_gone"
    UNKNOWN = "unknown"


class Next(StrEnum):
    RETRY = "retry"
    HOLD = "hold"
    PARK = "park"


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What becomes of a push whose attempt failed. `burns_attempt`: counts against the limit."""

    next: Next
    reason: Reason
    delay: timedelta = timedelta(0)
    burns_attempt: bool = False


MAX_ATTEMPTS: Final = 8
_BASE_DELAY: Final = timedelta(seconds=2)
_MAX_DELAY: Final = timedelta(minutes=10)
_LIMIT_PAUSE: Final = timedelta(minutes=5)


_PARKS: Final = {
    Trouble.REJECTED: Reason.REJECTED_BY_SALESFORCE,
    Trouble.RECORD_GONE: Reason.SALESFORCE_RECORD_GONE,
    Trouble.UNKNOWN: Reason.UNEXPECTED_ERROR,
}


def after_trouble(trouble: Trouble, *, attempts: int, jitter: float) -> Afterwards:
    """When the push is tried again, or that it is not.

    Units: `attempts` counts those already burnt; `jitter` is drawn by the caller from [0, 1).
    """
    if trouble in _PARKS:
        return Afterwards(Next.PARK, _PARKS[trouble], burns_attempt=True)
    if trouble is Trouble.MISCONFIGURED:
        return Afterwards(Next.HOLD, Reason.HELD_UNTIL_CONNECTED)
    if trouble is Trouble.LIMIT_REACHED:
        return Afterwards(Next.RETRY, Reason.API_LIMIT_REACHED, _LIMIT_PAUSE)
    is_the_records_own = trouble is Trouble.RECORD_BUSY
    if is_the_records_own and attempts + 1 >= MAX_ATTEMPTS:
        return Afterwards(Next.PARK, Reason.RETRIES_EXHAUSTED, burns_attempt=True)
    delay = _backoff(attempts, jitter)
    return Afterwards(Next.RETRY, Reason.WILL_BE_RETRIED, delay, burns_attempt=is_the_records_own)


def _backoff(attempts: int, jitter: float) -> timedelta:
    """Full jitter: anywhere between nothing and the doubled delay, so that a crowd spreads."""
    doublings: int = 2 ** min(attempts, 20)
    return min(_BASE_DELAY * doublings, _MAX_DELAY) * jitter
