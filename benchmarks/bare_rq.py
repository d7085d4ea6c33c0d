"""What RQ alone takes: from enqueueing a job that does nothing to its first line."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from redis import Redis
from rq import Queue

from benchmarks.bare_job import STARTED, note_the_time
from benchmarks.stores import BASE

_QUEUE = "bare"


def starts(url: str, times: int, *, log: Path) -> list[float]:
    """Milliseconds of so many jobs, each given to an idle worker."""
    redis = Redis.from_url(url)
    queue = Queue(_QUEUE, connection=redis)
    with log.open("ab") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "rq.cli", "worker", _QUEUE, "--url", url, "--quiet"],
            cwd=BASE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        taken = []
        for _ in range(times + 1):
            time.sleep(0.15)  # the worker is idle again
            asked = time.time()
            queue.enqueue(note_the_time, url)
            answer = redis.blpop([STARTED], timeout=30)
            assert answer is not None, "the bare worker does not run"
            taken.append((float(answer[1]) - asked) * 1000)
        return taken[1:]  # the first one waits for the worker to have started
    finally:
        worker.terminate()
        worker.wait(timeout=30)
