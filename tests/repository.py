"""What is committed, for tests that look at the repository itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

from console.environment import BASE_DIR


def committed(*patterns: str) -> list[Path]:
    """The files that git keeps and that are there, all or those that fit a pattern."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (BASE_DIR / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]
