"""requirements.lock: in step with pyproject.toml, hashes for everything, and bound to no index."""

from __future__ import annotations

import re
import tomllib
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from console.environment import BASE_DIR
from tests.repository import committed

_LOCK: Final = (BASE_DIR / "requirements.lock").read_text()
_PIN: Final = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?: ; [^\\\n]+)? \\\n"
    r"(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)",
    re.MULTILINE,
)
_PYPROJECT: Final = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())
_ASKED_FOR: Final = [
    Requirement(text)
    for text in [
        *_PYPROJECT["project"]["dependencies"],
        *_PYPROJECT["dependency-groups"]["dev"],
    ]
]


def _pins() -> dict[str, set[Version]]:
    """Package -> its pinned versions; there may be one for each platform."""
    pins: dict[str, set[Version]] = {}
    for pin in _PIN.finditer(_LOCK):
        pins.setdefault(canonicalize_name(pin["name"]), set()).add(Version(pin["version"]))
    return pins


@pytest.mark.parametrize("asked_for", _ASKED_FOR, ids=lambda each: each.name)
def test_every_requirement_has_a_pin_inside_its_range(asked_for: Requirement) -> None:
    pinned = _pins().get(canonicalize_name(asked_for.name), set())

    assert pinned, "not in requirements.lock: run `make lock`"
    assert all(asked_for.specifier.contains(version) for version in pinned)


def test_every_line_is_a_pin_with_hashes() -> None:
    assert _PIN.sub("", _LOCK).strip() == ""


def test_the_lock_names_no_address() -> None:
    assert re.findall(r"https?://\S+|file:\S+|--\w*(?:index|links)\S*", _LOCK) == []


# Put together here, so that this file does not name one itself.
_INDEX_WORDS: Final = ("py" + "pi.org", "python" + "hosted.org", "--extra-" + "index-url")


@pytest.mark.parametrize("word", _INDEX_WORDS)
def test_no_committed_text_names_a_package_index(word: str) -> None:
    """Where packages come from is a setting of the machine."""
    naming = [path for path in committed() if word.encode() in path.read_bytes()]

    assert naming == []
