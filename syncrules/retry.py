"""After a failed attempt: when is a push tried again, in what company, or not at all?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from syncrules.reasons import Reason


class Trouble(StrEnum):
    """What kind of failure an attempt met; the edge to Salesforce classifies."""

    UNAVAILABLE = "unavailable"
    CROWDED = "crowded"
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


class Call(StrEnum):
    """A call that carried the pushes of a batch together."""

    READ = "read"
    WRITE = "write"
    READ_BACK = "read_back"


@dataclass(frozen=True, slots=True)
class Whole:
    """A call that failed as a whole, with so many pushes in it: nobody knows whose fault it is."""

    call: Call
    pushes: int


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What becomes of a push whose attempt failed.

    `burns_attempt`: counts against the limit. `is_strike`: it goes again in smaller company, since
    one of those it was sent with may be the cause. `is_unsure`: what was sent may still arrive.
    """

    next: Next
    reason: Reason
    delay: timedelta = timedelta(0)
    burns_attempt: bool = False
    is_strike: bool = False
    is_unsure: bool = False


MAX_ATTEMPTS: Final = 8
LARGEST_BATCH: Final = 1000
MAX_STRIKES: Final = 5
"""So often a batch is divided: 1000, 200, 40, 8, and then one alone, twice."""
LAST_STRIKE: Final = MAX_STRIKES - 1
"""Whoever has so many goes alone, and has one more try."""
_DIVISOR: Final = 5
_BASE_DELAY: Final = timedelta(seconds=2)
_MAX_DELAY: Final = timedelta(minutes=10)
_PAUSES: Final = {
    Trouble.UNAVAILABLE: (timedelta(seconds=2), timedelta(minutes=2)),
    # What makes no sense comes from something in between, or from a Salesforce in trouble.
    Trouble.UNKNOWN: (timedelta(seconds=2), timedelta(minutes=2)),
    # Too many calls at once, which seconds cure.
    Trouble.CROWDED: (timedelta(seconds=5), timedelta(seconds=30)),
    # The daily allocation, whose window moves on by the hour.
    Trouble.LIMIT_REACHED: (timedelta(minutes=1), timedelta(minutes=15)),
}
"""The first pause, doubled with every failure in a row, and the longest."""

_PARKS: Final = {
    Trouble.REJECTED: Reason.REJECTED_BY_SALESFORCE,
    Trouble.RECORD_GONE: Reason.SALESFORCE_RECORD_GONE,
    Trouble.UNKNOWN: Reason.UNEXPECTED_ERROR,
}


def after_trouble(
    trouble: Trouble, *, attempts: int, jitter: float, strikes: int = 0, whole: Whole | None = None
) -> Afterwards:
    """When the push is tried again, or that it is not.

    `whole`: the call that failed with all its pushes. None: Salesforce answered for this record.

    Units: `attempts` and `strikes` count earlier ones; `jitter` is drawn by the caller from [0, 1).
    """
    again = Afterwards(Next.RETRY, Reason.WILL_BE_RETRIED, _backoff(max(attempts, strikes), jitter))
    if trouble is Trouble.MISCONFIGURED:
        return Afterwards(Next.HOLD, Reason.HELD_UNTIL_CONNECTED)
    if trouble is Trouble.LIMIT_REACHED:
        # It goes when the connection's pause is over, however long that lasts.
        return replace(again, reason=Reason.API_LIMIT_REACHED)
    if trouble is Trouble.CROWDED:
        return again
    if trouble is Trouble.UNAVAILABLE:
        # No record keeps Salesforce from reading, however often; one may bring a write down.
        is_outage = whole is not None and whole.call is not Call.WRITE
        return replace(again, is_strike=not is_outage)
    if whole is not None and whole.call is Call.READ_BACK:
        # What was sent was accepted. The next attempt reads it anew, and knows whose fault it is.
        return again
    if whole is not None and _says_nothing_of_a_record(trouble, whole):
        return replace(again, is_strike=True)
    return _for_trouble_of_its_own(trouble, again, attempts=attempts)


def _says_nothing_of_a_record(trouble: Trouble, whole: Whole) -> bool:
    """What is refused alone is refused for its own fault. An answer that makes no sense is not that
    of a record, even where it travels alone."""
    return whole.pushes > 1 or trouble is Trouble.UNKNOWN


def _for_trouble_of_its_own(trouble: Trouble, again: Afterwards, *, attempts: int) -> Afterwards:
    if trouble in _PARKS:
        return Afterwards(Next.PARK, _PARKS[trouble], burns_attempt=True)
    if attempts + 1 >= MAX_ATTEMPTS:
        return Afterwards(Next.PARK, Reason.RETRIES_EXHAUSTED, burns_attempt=True)
    return replace(again, burns_attempt=True)


def company(strikes: int) -> int:
    """How many pushes may travel with one that was struck so often."""
    divisor: int = _DIVISOR**strikes
    return max(LARGEST_BATCH // divisor, 1)


def is_to_be_quarantined(strikes: int, *, others_went_through: bool) -> bool:
    """Whether a push that was struck so often, in the end alone, is set aside.

    `others_went_through` since its first strike: otherwise it is Salesforce that is ill.
    """
    return strikes >= MAX_STRIKES and others_went_through


def pause(trouble: Trouble, *, failures: int, jitter: float) -> timedelta | None:
    """How long nothing is sent over a connection that has met trouble so often in a row.

    None: the trouble is not the connection's.

    Units: `failures` counts this one; `jitter` is drawn by the caller from [0, 1).
    """
    if trouble not in _PAUSES:
        return None
    first, longest = _PAUSES[trouble]
    doublings: int = 2 ** min(max(failures - 1, 0), 20)
    # At least half of it: the whole connection is in trouble, not one crowd of many.
    return min(first * doublings, longest) * (0.5 + jitter / 2)


def _backoff(attempts: int, jitter: float) -> timedelta:
    """Full jitter: anywhere between nothing and the doubled delay, so that a crowd spreads."""
    doublings: int = 2 ** min(attempts, 20)
    return min(_BASE_DELAY * doublings, _MAX_DELAY) * jitter
