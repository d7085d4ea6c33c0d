"""What goes wrong in a soak: troubles drawn by lot, each of which ends after a while."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import psutil
from django.db.models.functions import Now
from redis import Redis, RedisError

from benchmarks.stores import Stores
from console.models import SalesforceConnection
from tests.faults.process import Process
from tests.faults.proxy import Line, Proxy
from tests.faults.sessions import throw_everybody_out
from tests.faults.world import World
from tests.machine import troubles as salesforce

_End = Callable[[], object]
_PAUSE: Final = (0.3, 2.0)
_LASTS: Final = (0.3, 4.0)
_SLOW: Final[dict[str, Any]] = {"action": "delay", "seconds": 4, "chance": 0.5}
"""Longer than anybody waits for an answer."""
_AUDIBLY: Final = (Line.RESET, Line.SLOW)
_ANYHOW: Final = (*_AUDIBLY, Line.BLACK_HOLE, Line.HALF_OPEN)
"""The proxy confirms what it swallows, as no network does, and a client of PostgreSQL waits for the
answer without end. The other clients have a limit to their waits."""
CRASH_POINTS: Final = (
    *("", "", "", ""),
    *("after_claim=kill@3", "before_http=kill@3", "after_http=kill@3", "in_complete=kill@3"),
    *("after_complete=kill@3", "after_http=segfault@4", "in_complete=raise@2"),
)


@dataclass(frozen=True)
class Lines:
    """What workers and sweepers reach the three servers through."""

    salesforce: Proxy
    redis: Proxy
    database: Proxy

    @property
    def all(self) -> tuple[Proxy, ...]:
        return self.salesforce, self.redis, self.database


@contextmanager
def lines(stores: Stores, *, database_url: str) -> Iterator[Lines]:
    made = Lines(Proxy(stores.org.url), Proxy(stores.valkey.url), Proxy(database_url))
    try:
        yield made
    finally:
        for proxy in made.all:
            proxy.close()


def through(proxy: Proxy, url: str) -> str:
    """The server's address, with the proxy in its place."""
    parts = urlsplit(url)
    who = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{who}@{urlsplit(proxy.url).netloc}").geturl()


@dataclass
class Troubles:
    """`counted`: how many of each kind there were."""

    world: World
    stores: Stores
    lines: Lines
    counted: Counter[str] = field(default_factory=Counter)
    _lasting: list[tuple[float, _End]] = field(default_factory=list)
    _next: float = 0.0
    _is_redis_down: bool = False

    def go_on(self) -> None:
        """Ends those that are over, and begins another if it is time."""
        now = time.monotonic()
        over = [each for each in self._lasting if each[0] <= now]
        self._lasting = [each for each in self._lasting if each[0] > now]
        for _, end in over:
            end()
        if now >= self._next:
            kind, begin = self.world.random.choice([*self._kinds().items()])
            self._lasting.append((now + self.world.random.uniform(*_LASTS), begin()))
            self._next = now + self.world.random.uniform(*_PAUSE)
            self.counted[kind] += 1

    def end_all(self) -> None:
        for _, end in self._lasting:
            end()
        self._lasting.clear()

    def _kinds(self) -> Mapping[str, Callable[[], _End]]:
        return {
            "killed": self._killed,
            "job killed": self._job_killed,
            "told to stop": self._told_to_stop,
            "stands still": self._stands_still,
            "line to Salesforce": lambda: self._line_breaks(self.lines.salesforce, _ANYHOW),
            "line to Redis": lambda: self._line_breaks(self.lines.redis, _ANYHOW),
            "line to the database": lambda: self._line_breaks(self.lines.database, _AUDIBLY),
            "Redis emptied": self._redis_emptied,
            "Redis restarted with nothing kept": self._redis_restarted,
            "thrown out by the database": self._thrown_out,
            "calls answered badly": self._calls_answered_badly,
            "records refused": self._records_refused,
            "Salesforce too slow": self._salesforce_too_slow,
            "token expired": self._token_expired,
            "credentials refused": self._credentials_refused,
        }

    # --- Processes -------------------------------------------------------------------------------

    def _one(self) -> Process:
        return self.world.processes[self.world.random.choice([*self.world.supervised])]

    def _killed(self) -> _End:
        self._one().kill()
        return _nothing

    def _job_killed(self) -> _End:
        for each in self.world.processes:
            with suppress(psutil.NoSuchProcess):  # it has just ended by itself
                if horse := each.horse:
                    horse.kill()
        return _nothing

    def _told_to_stop(self) -> _End:
        self._one().send(signal.SIGTERM)
        return _nothing

    def _stands_still(self) -> _End:
        process = self._one()
        process.stand_still()
        return process.go_on

    # --- Lines and servers -----------------------------------------------------------------------

    def _line_breaks(self, proxy: Proxy, ways: Sequence[Line]) -> _End:
        proxy.line = self.world.random.choice(ways)

        def mend() -> None:
            proxy.line = Line.PASSES

        return mend

    def _redis_emptied(self) -> _End:
        with suppress(RedisError), Redis.from_url(self.stores.valkey.url) as client:
            client.flushall()  # unless it is down just now
        return _nothing

    def _redis_restarted(self) -> _End:
        if self._is_redis_down:
            return _nothing
        self._is_redis_down = True
        self.stores.valkey.kill()
        self.stores.valkey.lose_everything()

        def restart() -> None:
            self.stores.valkey.start()
            self._is_redis_down = False

        return restart

    def _thrown_out(self) -> _End:
        throw_everybody_out()
        return _nothing

    # --- Salesforce ------------------------------------------------------------------------------

    def _calls_answered_badly(self) -> _End:
        what = self.world.random.choice(sorted(salesforce.OF_CALLS))
        return self._break(path="services/data", chance=0.7, **salesforce.OF_CALLS[what])

    def _records_refused(self) -> _End:
        what = self.world.random.choice(sorted(salesforce.OF_RECORDS))
        about = self.world.random.choice(("Opportunity", "OpportunityLineItem"))
        return self._break(object=about, chance=0.02, **salesforce.OF_RECORDS[what])

    def _salesforce_too_slow(self) -> _End:
        when = self.world.random.choice(("before", "after"))
        return self._break(path="services/data", when=when, **_SLOW)

    def _token_expired(self) -> _End:
        self.world.org.expire_tokens()
        return _nothing

    def _credentials_refused(self) -> _End:
        self.world.org.expire_tokens()
        return self._break(**salesforce.REFUSED_LOGIN)

    def _break(self, **rule: Any) -> _End:
        self.world.org.break_with(times=None, seed=self.world.random.randrange(2**31), **rule)

        def mend() -> None:
            self.world.org.mend()
            nobody_waits_for_salesforce()

        return mend


def nobody_waits_for_salesforce() -> None:
    """A pause that the trouble has caused is over with it: in minutes, it would outlast others."""
    paused = SalesforceConnection.objects.filter(paused_until__gt=Now())
    paused.update(paused_until=Now())


def _nothing() -> None:
    """Some troubles are over as they begin."""
