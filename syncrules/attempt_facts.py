"""What befell a push in earlier attempts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LostFact:
    """A worker that had the push and never said how it went."""

    worker: str


@dataclass(frozen=True, slots=True)
class StrikesFact:
    """Batches with the push that failed as a whole, or took their worker down.

    `last_success`: when anybody's push last went through.
    """

    count: int
    since: datetime
    last_success: datetime | None = None
    words: str = ""
