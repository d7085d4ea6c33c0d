"""A small company on both sides, the processes that serve it, and the books of what happened."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models.functions import Now

from console import jobs, outbox
from console.local import ports
from console.locks import lock_opportunities
from console.models import OutboundPush, ProductSyncSetting, SalesforceConnection, SyncLog
from syncrules import push_outbound
from tests.faults import calls, deals, history, invariants, process
from tests.faults.deals import Deal
from tests.faults.process import Process
from tests.faults.proxy import Proxy
from tests.org import Org
from tests.waiting_times import time_passes

State = OutboundPush.State

SEEDS_IN_CI: Final = 2
NOWHERE: Final = "redis://127.0.0.1:1/0"
"""A Redis that is down."""
RHYTHM: Final = {
    "PUSH_LEASE_SECONDS": "2",
    "SALESFORCE_PATIENCE_SECONDS": "3",
    "SALESFORCE_LONGEST_SECONDS": "1",
    "SWEEP_SECONDS": "1",
    "POLL_SECONDS": "3600",
}
_BEFORE_A_RESTART: Final = 0.5
_BETWEEN_LOOKS: Final = 0.04
_ON_THE_WAY: Final = (State.QUEUED, State.SENDING)


@dataclass
class World:
    """`seed` decides what a test leaves to chance."""

    org: Org
    connection: SalesforceConnection
    folder: Path
    seed: int
    deals: list[Deal] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    supervised: dict[int, Callable[[], Process]] = field(default_factory=dict)
    syncs_products: bool = False

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    @property
    def is_soak(self) -> bool:
        """Whether there is time for more of everything."""
        return self.seed > SEEDS_IN_CI

    # --- Deals -----------------------------------------------------------------------------------

    def make_deals(self, count: int, *, lines: int = 0, **how: Any) -> list[Deal]:
        """More deals. Products are synced once any of them has lines."""
        if lines and not self.syncs_products:
            self.syncs_products = True
            ProductSyncSetting.objects.filter(is_active=True).update(is_active=False)
        made = deals.make_deals(self.org, count, lines=lines, **how)
        self.deals += made
        return made

    def some(self, share: float = 0.5) -> list[Deal]:
        """Deals drawn by lot, one at least."""
        count = max(1, round(len(self.deals) * share))
        return self.random.sample(self.deals, count)

    # --- Processes -------------------------------------------------------------------------------

    def worker(self, *, faults: str = "", **environment: str) -> Process:
        """`manage.py work`. `faults`: its crash points, see console/faultpoints.py."""
        return self._start("work", faults=faults, environment=environment)

    def sweeper(self, *, faults: str = "", **environment: str) -> Process:
        """`manage.py sweep_outbound`."""
        return self._start("sweep_outbound", faults=faults, environment=environment)

    def web(self) -> str:
        """The address of a console that answers."""
        port = ports.free_port()
        log = self.folder / f"web-{port}.log"
        self.processes.append(process.start_web(port, environment=self.environment(), log=log))
        address = f"http://{ports.LOOPBACK}:{port}"
        self.until(lambda: calls.status(f"{address}/healthz") == 200, what="the console answers")
        return address

    def with_a_wrong_clock(self, command: str, clock: Path, **environment: str) -> Process:
        """A command whose clock is ahead by as many seconds as the file says."""
        where = {"PYTHONPATH": str(Path(__file__).parent / "clock"), "CLOCK": str(clock)}
        started = process.start_interpreter(
            command,
            environment=self.environment(**where, **environment),
            log=self.folder / f"{command}-{len(self.processes)}.log",
        )
        self.processes.append(started)
        return started

    def supervise(self, start: Callable[[], Process]) -> None:
        """A process that is started again whenever it ends, while the test waits for something."""
        self.supervised[len(self.processes)] = start
        start()

    def lone_sweeper(self, *, faults: str = "", **environment: str) -> Process:
        """A sweeper whose Redis is gone, so that it drains by itself."""
        return self.sweeper(faults=faults, **{"REDIS_URL": NOWHERE, **environment})

    def _start(self, command: str, *, faults: str, environment: dict[str, str]) -> Process:
        started = process.start(
            command,
            environment=self.environment(FAULTPOINTS=faults, **environment),
            log=self.folder / f"{command}-{len(self.processes)}.log",
        )
        self.processes.append(started)
        return started

    def environment(self, **changes: str) -> dict[str, str]:
        """The surroundings of a process: this test's database and Redis, and a fast rhythm."""
        return {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            **RHYTHM,
            **changes,
        }

    def behind(self, proxy: Proxy) -> None:
        """From now on the org is reached through the proxy."""
        SalesforceConnection.objects.update(base_url=proxy.url)

    def kill_all(self) -> None:
        self.supervised.clear()
        for each in self.processes:
            each.kill()

    # --- Waiting ---------------------------------------------------------------------------------

    def until(self, holds: Callable[[], Any], *, what: str, seconds: float = 40) -> None:
        """Returns once it holds. The limit is generous: it only ends what would never end."""
        deadline = time.monotonic() + seconds
        while not holds():
            self.start_again_what_ended()
            if time.monotonic() > deadline:
                words = "\n".join([*on_the_way(), *(each.words() for each in self.processes)])
                raise AssertionError(f"waited {seconds} s in vain until {what}\n{words}")
            time.sleep(_BETWEEN_LOOKS)

    def start_again_what_ended(self) -> None:
        for place, start in list(self.supervised.items()):
            if not self.processes[place].is_alive:
                time.sleep(_BEFORE_A_RESTART)
                del self.supervised[place]
                self.supervised[len(self.processes)] = start
                start()

    def until_delivered(self, some: Iterable[Deal] | None = None) -> None:
        """Salesforce holds the present version of each deal, and their pushes are at rest."""
        edited = [deal for deal in some or self.deals if len(deal.commits) > 1]
        wanted = {deal.salesforce_id: deal.present.record for deal in edited}
        self.until(
            lambda: self.is_at_rest() and self.holds(wanted),
            what="Salesforce holds what is committed, and every push has come to its end",
        )

    def holds(self, wanted: dict[str, str]) -> bool:
        """Whether the last primary quotes that were written are these."""
        told = {
            each["record_id"]: each["after"].get("monetize__PrimaryQuote__c")
            for each in self.org.journal()
            if each["object"] == "Opportunity" and each["action"] == "update"
        }
        return wanted.items() <= told.items()

    def is_at_rest(self) -> bool:
        """Whether nothing is on its way but a second look at what may have arrived late."""
        moving = OutboundPush.objects.filter(state__in=_ON_THE_WAY)
        return not moving.exclude(state=State.QUEUED, trigger="late_write").exists()

    def versions_told(self, deal: Deal) -> list[int]:
        """The places of the deal's versions in the order in which they were written."""
        places = {each.version.record: place for place, each in enumerate(deal.commits)}
        return [
            places[each["after"]["monetize__PrimaryQuote__c"]]
            for each in self.org.journal()
            if each["record_id"] == deal.salesforce_id
        ]

    def told(self, *reasons: str) -> int:
        """How many entries the log has with one of these reasons."""
        return SyncLog.objects.filter(flow=push_outbound.FLOW, reason__in=reasons).count()

    def pushes(self, *states: str) -> int:
        """How many pushes are in one of these states."""
        return OutboundPush.objects.filter(state__in=states).count()

    # --- The end ---------------------------------------------------------------------------------

    def calm(self) -> None:
        """Trouble ends, whoever stood still goes on, and everything goes out that can."""
        self.org.mend()
        for each in self.processes:
            each.go_on()
        self.until(self._has_settled, what="everything has gone out", seconds=60)

    def _has_settled(self) -> bool:
        time_passes()
        jobs.drain_outbound()
        return self.pushes(*_ON_THE_WAY) == 0

    def check(self) -> None:
        """Calms down, pushes everything once more, which must write nothing, and checks the
        books."""
        self.calm()
        self.kill_all()
        again = self.written_by_one_more_push()
        books = history.collect(self.org, self.deals, syncs_products=self.syncs_products)
        found = invariants.violations(books)
        found += [f"I4 a second drain wrote {each}" for each in again]
        assert not found, "\n".join(found)

    def written_by_one_more_push(self) -> list[dict[str, Any]]:
        """What is written when everything is pushed once more: nothing, if both sides are equal."""
        before = list(history.journal(self.org))
        self._push_all()
        jobs.drain_outbound()
        return list(history.journal(self.org))[len(before) :]

    def _push_all(self) -> None:
        parked = OutboundPush.objects.filter(state=State.PARKED).values("opportunity_id")
        ids = {deal.opportunity_id for deal in self.deals}
        ids -= {row["opportunity_id"] for row in parked}
        with transaction.atomic():
            lock_opportunities(ids)
            wanted = dict.fromkeys(ids, ("push_again", "vera", 1))
            outbox.request_many(wanted, lane=outbox.Lane.LINK)


def on_the_way() -> list[str]:
    """What waits, and until when, for whoever reads a failure."""
    rows = OutboundPush.objects.filter(state__in=_ON_THE_WAY).annotate(now=Now())
    return [
        f"{push} {push.lane} {push.state} not before {push.not_before - now}, lease until"
        f" {push.lease_until and push.lease_until - now}, {push.strikes} strikes, {push.reason}"
        for push in rows[:20]
        for now in [push.now]
    ]


def database_url() -> str:
    """The address of the database that this test is on."""
    used = database.settings_dict
    user, password = (quote(str(used[each]), safe="") for each in ("USER", "PASSWORD"))
    where = {"host": used["HOST"], "port": used["PORT"]}
    return f"postgresql://{user}:{password}@/{used['NAME']}?{urlencode(where)}"
