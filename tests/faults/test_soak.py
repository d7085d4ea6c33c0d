"""All faults at once, by lot, for minutes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from console.environment import BASE_DIR

pytestmark = [pytest.mark.soak, pytest.mark.processes]


def test_five_minutes_of_faults_lose_nothing(tmp_path: Path) -> None:
    """Over 5,000 opportunities that people keep editing; on servers of its own."""
    report = tmp_path / "soak.json"

    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.soak", "--json", str(report)],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads(report.read_text())
    assert found["tried"] > found["opportunities"] == 5_000
    assert (found["lost"], found["stale"], found["doubled"], found["others"]) == (0, 0, 0, 0)
