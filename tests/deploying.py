"""The files under deploy/, read as those read them for whom they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

from console.environment import BASE_DIR

DEPLOY: Final = BASE_DIR / "deploy"
COMMANDS: Final = BASE_DIR / "console/management/commands"


def unit(path: Path) -> dict[tuple[str, str], list[str]]:
    """Section and name -> values, of a unit of systemd."""
    found: dict[tuple[str, str], list[str]] = {}
    section = ""
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, value = line.split("=", 1)
            found.setdefault((section, name), []).append(value)
    return found


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text())
    return loaded


def documented_settings() -> set[str]:
    page = (BASE_DIR / "docs/operations.md").read_text()
    return set(re.findall(r"^#### `([A-Z_]+)`$", page, re.MULTILINE))


def is_a_program_of_ours(words: list[str]) -> bool:
    """`gunicorn console.wsgi …`, or `python manage.py` and a command that there is."""
    program, first, *rest = words
    if Path(program).name == "gunicorn":
        return first == "console.wsgi"
    command = COMMANDS / f"{rest[0]}.py"
    return Path(program).name == "python" and first == "manage.py" and command.exists()
