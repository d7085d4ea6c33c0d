"""A job that does nothing and needs nothing of the console."""

from __future__ import annotations

import time

from redis import Redis

STARTED = "bare:started"


def note_the_time(url: str) -> None:
    Redis.from_url(url).rpush(STARTED, time.time())
