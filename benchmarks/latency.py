"""How long after a commit Salesforce has acknowledged it: idle, without Redis, and after a SIGKILL.

    python -m benchmarks.latency [--times 100] [--json FILE]

idle           one worker waits; beside it the start of a bare RQ job, and a call of the org
without Redis  Redis is dead, the sweeper finds and sends it; beside it the sweeper's interval
after SIGKILL  a worker dies with a thousand pushes in hand, another takes them over; goal 60 s,
               where RQ with its defaults needed more than 200 s to run such a job again
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil
import requests

from benchmarks.stores import Stores, process, running

SWEEP_SECONDS: Final = 2
CROWD: Final = 1_000
GOAL_RECOVERY_SECONDS: Final = 60
RQ_RECOVERY_SECONDS: Final = 200
_PAUSE: Final = 0.15


def main() -> None:
    options = _options()
    with running() as stores:
        from benchmarks import company  # noqa: PLC0415  needs Django to be set up

        company.build(stores, CROWD)
        found = {
            **_idle(stores, options.times),
            **_without_redis(stores, max(options.times // 10, 5)),
            **_after_a_kill(stores),
        }
    for name, value in found.items():
        print(f"{name:46} {value:10.2f}")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=2))
    print(f"written to {options.json}")


def _idle(stores: Stores, times: int) -> dict[str, float]:
    from benchmarks import company  # noqa: PLC0415
    from console import doorbell  # noqa: PLC0415

    call = _times(lambda: requests.get(f"{stores.org.url}/services/data", timeout=10), times)
    with process("work", log=stores.folder / "work.log"):
        while not doorbell.workers():
            time.sleep(0.05)
        company.edit_one(0)
        company.wait_for_acknowledgement(0)  # the first one logs in
        acknowledged = [_one(number % CROWD) for number in range(1, times + 1)]
    bare = _bare_rq_job(stores, times)
    p95 = _p(acknowledged, 95)
    return {
        "idle: acknowledged after ms, p50": _p(acknowledged, 50),
        "idle: acknowledged after ms, p95": p95,
        "bare RQ job starts after ms, p50": _p(bare, 50),
        "bare RQ job starts after ms, p95": _p(bare, 95),
        "a call of the org takes ms, p50": _p(call, 50),
        "idle p95 / bare RQ job p95": p95 / _p(bare, 95),
    }


def _one(number: int) -> float:
    """Milliseconds from the commit to the moment the org has applied the write."""
    from benchmarks import company  # noqa: PLC0415

    time.sleep(_PAUSE)  # the worker is idle again
    started = time.perf_counter()
    company.edit_one(number)
    company.wait_for_acknowledgement(number)
    return (time.perf_counter() - started) * 1000


def _bare_rq_job(stores: Stores, times: int) -> list[float]:
    """Milliseconds from enqueueing to the first line of a job that does nothing, by RQ's own
    worker."""
    from benchmarks import bare_rq  # noqa: PLC0415

    return bare_rq.starts(stores.valkey.url, times, log=stores.folder / "bare.log")


def _without_redis(stores: Stores, times: int) -> dict[str, float]:
    stores.valkey.stop()
    environment = {"SWEEP_SECONDS": str(SWEEP_SECONDS), "POLL_SECONDS": "3600"}
    with process("sweep_outbound", log=stores.folder / "sweep.log", **environment):
        _one(0)
        acknowledged = [_one(number) for number in range(1, times + 1)]
    stores.valkey.start()
    p95 = _p(acknowledged, 95)
    return {
        "without Redis: acknowledged after ms, p50": _p(acknowledged, 50),
        "without Redis: acknowledged after ms, p95": p95,
        "without Redis: p95 / sweep interval": p95 / (SWEEP_SECONDS * 1000),
    }


def _after_a_kill(stores: Stores) -> dict[str, float]:
    """Seconds from the SIGKILL to the last ending, with the default rhythm of everything."""
    from benchmarks import company  # noqa: PLC0415
    from console import doorbell  # noqa: PLC0415

    company.swap_quotes(CROWD)
    faults = {"FAULTPOINTS": "after_http=stop"}
    with (
        process("sweep_outbound", log=stores.folder / "sweep.log"),
        process("work", log=stores.folder / "work.log", **faults) as doomed,
    ):
        while not doorbell.workers():
            time.sleep(0.05)
        company.ask(CROWD)
        doorbell.ring()
        job = _stopped_job(doomed.pid)
        with process("work", log=stores.folder / "work.log"):
            os.kill(doomed.pid, signal.SIGKILL)
            job.kill()
            killed = time.perf_counter()
            while company.is_open(unsure=False):
                time.sleep(0.05)
            seconds = time.perf_counter() - killed
    return {
        "after SIGKILL: all recorded after seconds": seconds,
        "after SIGKILL: of the goal of 60 s": seconds / GOAL_RECOVERY_SECONDS,
        "after SIGKILL: of RQ's own 200 s": seconds / RQ_RECOVERY_SECONDS,
    }


def _stopped_job(worker: int) -> psutil.Process:
    """The process that a worker has for its job, once it stands still after its write."""
    while True:
        for job in psutil.Process(worker).children():
            if job.status() == psutil.STATUS_STOPPED:
                return job
        time.sleep(0.02)


def _times(call: Callable[[], object], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _p(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--json", type=Path, default=Path(".local/benchmarks/latency.json"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
