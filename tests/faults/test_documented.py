"""docs/faults.md lists the faults that are tested, and the tests that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

from console.environment import BASE_DIR

ASKED_FOR: Final = {*range(1, 34), 35, 36, 37, *range(41, 47)}
_ROW: Final = r"^\| (\d+) \| [^|]+ \| [^|]+ \| `([\w/.]+)::(\w+)` \|$"
_NUMBER: Final = r"Fault (\d+): "


def documented() -> dict[str, int]:
    """Test -> the number of its fault."""
    page = (BASE_DIR / "docs/faults.md").read_text()
    rows = re.findall(_ROW, page, re.MULTILINE)
    return {f"{path}::{test}": int(number) for number, path, test in rows}


def proven() -> dict[str, int]:
    """The same, from the docstrings of the tests."""
    found = {}
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.parse(path.read_text()).body:
            doc = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
            if doc and (number := re.match(_NUMBER, doc)):
                name = path.relative_to(BASE_DIR).as_posix()
                found[f"{name}::{node.name}"] = int(number[1])  # type: ignore[attr-defined]
    return found


def test_every_fault_that_was_asked_for_has_its_test() -> None:
    assert set(proven().values()) == ASKED_FOR


def test_the_page_lists_the_tests_that_there_are() -> None:
    assert documented() == proven()
