"""What the machine stands in: one org behind its line, one Redis, and what the log complains of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from redis import Redis

from tests.machine.beats import crash_points_are_beats
from tests.machine.line import Line
from tests.org import Org


class _Complaints(logging.Handler):
    """Keeps what is logged with a traceback: faults of ours that somebody has caught."""

    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._kept = kept
        self._words = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self._kept.append(self._words.format(record))


@dataclass
class Surroundings:
    org: Org
    line: Line
    redis: Redis
    complaints: list[str] = field(default_factory=list)


@contextmanager
def surroundings(org: Org, redis: Redis) -> Iterator[Surroundings]:
    """For all examples of a test."""
    found = Surroundings(org, Line(org.url), redis)
    handler, logger = _Complaints(found.complaints), logging.getLogger("console")
    logger.addHandler(handler)
    try:
        with crash_points_are_beats():
            yield found
    finally:
        logger.removeHandler(handler)
        found.line.close()
