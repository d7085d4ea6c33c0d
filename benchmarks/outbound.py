"""How many opportunities a second reach Salesforce, and with how many calls, beside three peers.

    python -m benchmarks.outbound [--sizes 1000,10000,100000] [--latency 0,50] [--json FILE]

(a) naive loop            one simple_salesforce call for each opportunity
(b) collections of 200    written by hand, answers looked at, nothing recorded
(c) bare requests         five collections in a call, bodies made beforehand, answers unread

Ours is the real path: pushes queued in PostgreSQL, `manage.py work` processes woken by the
doorbell, everything read first, written, read back and recorded. Its time goes from the ring to
the last ending in the database. Ratios compare what was measured in one run of this program: the
machine is shared, and its speed changes from one hour to the next.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import psutil

from benchmarks.stores import Stores, process, running

GOALS: Final = {
    "one worker / (a) at 50 ms": 300,
    "one worker / (b) at 50 ms": 1.0,
    "one worker / (c) at 50 ms": 0.4,
    "two workers / one at 50 ms": 1.8,
}
PEER_COUNTS: Final = {"(a) naive": 100, "(b) collections": 4_000, "(c) bare": 10_000}


@dataclass(frozen=True)
class Run:
    """One measured drain. `peak_mb`: the largest that a process of a job became."""

    size: int
    latency_ms: int
    workers: int
    rate: float
    calls: int
    peak_mb: float


@dataclass
class Found:
    """Opportunities a second: of the peers by latency and name, and of each drain."""

    peers: dict[int, dict[str, float]] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    def best(self, **wanted: int) -> Run:
        alike = (run for run in self.runs if wanted.items() <= asdict(run).items())
        return max(alike, key=lambda run: run.rate)

    def ratios(self) -> dict[str, float]:
        ratios = {}
        largest = max(run.size for run in self.runs)
        for latency, peers in self.peers.items():
            one = self.best(size=largest, latency_ms=latency, workers=1).rate
            two = self.best(size=largest, latency_ms=latency, workers=2).rate
            for name, rate in peers.items():
                ratios[f"one worker / {name[:3]} at {latency} ms"] = one / rate
            ratios[f"two workers / one at {latency} ms"] = two / one
        return ratios


def main() -> None:
    options = _options()
    with running() as stores:
        found = _measured(stores, options)
    ratios = found.ratios()
    for name, ratio in ratios.items():
        goal = GOALS.get(name)
        print(f"{name:32} {ratio:8.2f}" + (f"   goal {goal}" if goal else ""))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({**asdict(found), "ratios": ratios}, indent=2))
    print(f"written to {options.json}")


def _measured(stores: Stores, options: argparse.Namespace) -> Found:
    from benchmarks import company  # noqa: PLC0415  needs Django to be set up

    largest = max(options.sizes)
    print(f"building {largest:,} opportunities on both sides")
    company.build(stores, largest)
    found, drains = Found(), _Drains(stores)
    drains.run(largest, latency_ms=0, workers=1)  # writes all links: from now on only quotes change
    for latency in options.latency:
        found.peers[latency] = _peers(stores, latency, largest)
        for size in options.sizes:
            for workers in (1, 2):
                run = drains.run(size, latency_ms=latency, workers=workers)
                found.runs.append(run)
                _tell(run)
    return found


def _peers(stores: Stores, latency: int, most: int) -> dict[str, float]:
    """The better of two rounds, which leave the org as it was: every drain of a size is followed by
    a second one, so that Salesforce has everybody's first quote whenever these begin."""
    from benchmarks.peers import PEERS  # noqa: PLC0415  needs Django to be set up

    stores.org.set(latency_ms=latency)
    rates = {}
    for name, measure in PEERS.items():
        count = min(PEER_COUNTS[name], most)
        rates[name] = max(measure(stores.org, count, value) for value in (1, 0))
        print(f"{latency:3} ms  {name:24} {rates[name]:10,.0f} a second")
    return rates


def _tell(run: Run) -> None:
    print(
        f"{run.latency_ms:3} ms  {run.size:7,} opportunities, {run.workers} worker(s) "
        f"{run.rate:10,.0f} a second  {run.calls:4} calls  {run.peak_mb:4.0f} MB"
    )


class _Drains:
    """Drains of the same company, one after the other."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def run(self, size: int, *, latency_ms: int, workers: int) -> Run:
        from benchmarks import company  # noqa: PLC0415  needs Django to be set up
        from console import doorbell  # noqa: PLC0415

        self._stores.org.set(latency_ms=latency_ms)
        with ExitStack() as ending:
            started = [
                ending.enter_context(process("work", log=self._stores.folder / "work.log"))
                for _ in range(workers)
            ]
            while (doorbell.workers() or 0) < workers:
                time.sleep(0.05)
            company.ask(size)
            calls = company.calls()
            memory = _Memory(each.pid for each in started)
            begun = time.perf_counter()
            doorbell.ring()
            while company.is_open():
                memory.look()
                time.sleep(0.02)
            seconds = time.perf_counter() - begun
        assert company.endings() == {"sent": size}, company.endings()
        company.swap_quotes(size)
        return Run(
            size, latency_ms, workers, size / seconds, company.calls() - calls, memory.peak_mb
        )


class _Memory:
    def __init__(self, pids: Iterable[int]) -> None:
        self._workers = [psutil.Process(pid) for pid in pids]
        self._looked = 0.0
        self.peak_mb = 0.0

    def look(self) -> None:
        """At most twice a second: it costs what is measured."""
        if time.monotonic() - self._looked < 0.5:
            return
        self._looked = time.monotonic()
        for worker in self._workers:
            for job in worker.children(recursive=True):
                try:
                    self.peak_mb = max(self.peak_mb, job.memory_info().rss / 2**20)
                except psutil.NoSuchProcess:
                    continue


def _options() -> argparse.Namespace:
    def numbers(text: str) -> list[int]:
        return [int(each) for each in text.split(",")]

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=numbers, default=[1_000, 10_000, 100_000])
    parser.add_argument("--latency", type=numbers, default=[0, 50])
    parser.add_argument("--json", type=Path, default=Path(".local/benchmarks/outbound.json"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
