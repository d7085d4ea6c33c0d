"""Finds a Chromium for the browser tests, or gets one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium(playwrights_own: str) -> str:
    """The path of a browser, installed if need be.

    Fails the test, with all that was tried, when there is none to be had.
    """
    tried: list[str] = []
    for attempt in (_on_path, _installed_by_playwright, _installed_by_apt):
        found = attempt(playwrights_own, tried.append)
        if found:
            return found
    pytest.fail("no browser for the browser tests. Tried:\n- " + "\n- ".join(tried), pytrace=False)


def _on_path(_own: str, note: Callable[[str], None]) -> str | None:
    note(f"{', '.join(_NAMES)} on PATH: none there")
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def _installed_by_playwright(own: str, note: Callable[[str], None]) -> str | None:
    if not Path(own).exists():
        _run([sys.executable, "-m", "playwright", "install", "chromium"], note=note)
    return own if Path(own).exists() else None


def _installed_by_apt(own: str, note: Callable[[str], None]) -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        note("apt-get install chromium: needs root and a Debian")
        return None
    _run(["apt-get", "update", "-qq"], note=note)
    _run(["apt-get", "install", "-y", "-qq", "chromium"], note=note)
    return _on_path(own, note)


def _run(command: list[str], *, note: Callable[[str], None]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    except subprocess.TimeoutExpired:
        note(f"{' '.join(command)}: not done after ten minutes")
        return
    last = (done.stdout + done.stderr).strip().splitlines()[-1:]
    note(f"{' '.join(command)}: exit code {done.returncode}; {''.join(last)}")
