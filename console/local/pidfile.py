"""Who was started from a data folder, so that what an unclean end left behind can be found."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

# The start time is derived from the boot time, which a corrected clock moves a little.
_START_TOLERANCE_SECONDS = 60


def write(path: Path, *, pid: int, argv: list[str]) -> None:
    try:
        started_at = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return
    path.write_text(json.dumps({"pid": pid, "argv": argv, "started_at": started_at}))


def stop_leftovers(folder: Path, *, say: Callable[[str], None]) -> None:
    """Ends the processes that the files in the folder describe, and removes the files.

    Call it only under the lock of the data folder: then nobody else can own them.
    """
    for path in sorted(folder.glob("*.pid")):
        process = _recorded(path)
        if process is not None:
            say(f"stopping {path.stem} (pid {process.pid}), left over from an earlier run")
            _end(process)
        path.unlink(missing_ok=True)


def _recorded(path: Path) -> psutil.Process | None:
    """The process that the file describes, None when it is gone or the number is another's."""
    try:
        record = json.loads(path.read_text())
        process = psutil.Process(record["pid"])
        started_at, argv = process.create_time(), process.cmdline()
    except (ValueError, KeyError, TypeError, psutil.Error):
        return None
    same_start = abs(started_at - record["started_at"]) < _START_TOLERANCE_SECONDS
    return process if same_start and argv == record["argv"] else None


def _end(process: psutil.Process) -> None:
    family = [process, *process.children(recursive=True)]
    # PostgreSQL takes SIGINT as "now", SIGTERM as "when all clients have left".
    process.send_signal(signal.SIGINT if "postgres" in process.name() else signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=10)
    for survivor in alive:
        with suppress(psutil.NoSuchProcess):
            survivor.kill()
    psutil.wait_procs(alive, timeout=5)
