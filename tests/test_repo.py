"""What the repository promises of itself: layers, names, sizes, commands, migrations."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from django.core.management import call_command

from console import flows
from console.environment import BASE_DIR
from tests.repository import committed

FLOWS: Final = sorted(
    path.stem for path in Path(flows.__path__[0]).glob("*.py") if path.stem != "__init__"
)
WITHOUT_A_RULE: Final = {
    "check_connection",  # asks whether Salesforce is there; decides nothing about an opportunity
}

LONGEST_FILE: Final = 250
LONGEST_TEST_FILE: Final = 350  # tables of cases
LONGEST_FUNCTION: Final = 50


# --- Layers --------------------------------------------------------------------------------------


def test_nobody_imports_whom_they_should_not() -> None:
    command = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run(
        [command, "--no-cache"], cwd=BASE_DIR, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


# --- A flow has one name in every layer ----------------------------------------------------------


@pytest.mark.parametrize("flow", sorted({*FLOWS} - WITHOUT_A_RULE))
def test_a_flow_has_its_rule_its_tests_and_its_page(flow: str) -> None:
    rule = (BASE_DIR / f"syncrules/{flow}.py").read_text()
    page = (BASE_DIR / "docs/flows.md").read_text()

    assert f'FLOW: Final = "{flow}"' in rule
    assert (BASE_DIR / f"tests/rules/test_{flow}.py").exists()
    assert (BASE_DIR / f"tests/flows/test_{flow}.py").exists()
    assert re.search(rf"^## .*`{flow}`", page, re.MULTILINE), "no heading in docs/flows.md"


# --- Sizes ---------------------------------------------------------------------------------------


def _python_files() -> Iterator[tuple[str, str]]:
    for path in committed("*.py"):
        if "/migrations/0001_" not in path.as_posix():
            yield path.relative_to(BASE_DIR).as_posix(), path.read_text()


def test_no_file_is_longer_than_one_can_keep_in_mind() -> None:
    too_long = {
        name: lines
        for name, text in _python_files()
        if (lines := len(text.splitlines()))
        > (LONGEST_TEST_FILE if name.startswith("tests/") else LONGEST_FILE)
    }

    assert too_long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = {
        f"{name}:{node.lineno} {node.name}"
        for name, text in _python_files()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    }

    assert too_long == set()


# --- Commands and migrations ---------------------------------------------------------------------


def _words_of_calls() -> set[str]:
    """Every text that some test passes to a call, or lists behind "manage.py"."""
    words: set[str] = set()
    for path in committed("tests/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                words |= {*_texts(node.args)}
            elif isinstance(node, ast.List):
                texts = _texts(node.elts)
                words |= {word for manage, word in pairwise(texts) if manage == "manage.py"}
    return words


def _texts(nodes: list[ast.expr]) -> list[str]:
    constants = (node.value for node in nodes if isinstance(node, ast.Constant))
    return [value for value in constants if isinstance(value, str)]


def test_every_command_is_called_in_some_test() -> None:
    commands = {path.stem for path in (BASE_DIR / "console/management/commands").glob("*.py")}

    assert commands - {"__init__"} - _words_of_calls() == set()


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_have_names() -> None:
    names = [path.stem for path in (BASE_DIR / "console/migrations").glob("[0-9]*.py")]

    assert names
    assert [name for name in names if "_auto_" in name] == []
