"""Pages are served only with a key of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def load_wsgi(**environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    return subprocess.run(
        [sys.executable, "-c", "import console.wsgi"],
        cwd=ROOT,
        env={**clean, "DATA_DIR": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_secret_key_nothing_is_served() -> None:
    refused = load_wsgi()

    assert refused.returncode != 0
    assert "SECRET_KEY is not set" in refused.stderr


def test_with_one_it_is() -> None:
    assert load_wsgi(SECRET_KEY="a key of one's own, long enough to be one").returncode == 0
