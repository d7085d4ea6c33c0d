"""docs/formula.md: it has every function, and each of its examples is true."""

from __future__ import annotations

import doctest
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncrules import formula
from syncrules.formula import CompileError, Field, compile_formula
from syncrules.formula.functions.catalogue import FAMILIES
from syncrules.formula.functions.refused import REFUSED, REFUSED_VARIABLES
from syncrules.formula.functions.registry import FUNCTIONS
from syncrules.formula.results import to_json

PAGE = (Path(__file__).parents[3] / "docs" / "formula.md").read_text(encoding="utf-8")
NOW = datetime(2026, 3, 17, 13, 45, 10, tzinfo=UTC)

_FIELD = re.compile(r"^\| `(\w+)` \| (\w+) \| (?:`(.*)` )?\|$", re.MULTILINE)
_EXAMPLE = re.compile(r"^\| ([A-Z]\w+) \| .+ \| `(.+)` \| `(.*)` \|$", re.MULTILINE)
_FAMILY = re.compile(r"^### (.+)$", re.MULTILINE)

FIELDS = [Field(name, kind) for name, kind, _ in _FIELD.findall(PAGE)]
RECORD = {name: value or None for name, _, value in _FIELD.findall(PAGE)}
EXAMPLES = _EXAMPLE.findall(PAGE)
RETURNS = ("Number", "Text", "Checkbox", "Date", "DateTime", "Time")


def shown(source: str) -> str:
    """The value as the page writes it, whatever its type."""
    for returns in RETURNS:
        try:
            compiled = compile_formula(source, FIELDS, returns)
        except CompileError as error:
            if "must return" not in error.reason:
                raise
            continue
        value = to_json(compiled.evaluate(RECORD, NOW))
        return str(value).upper() if isinstance(value, bool) else str(value)
    raise AssertionError(source)


@pytest.mark.parametrize(("name", "source", "value"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_an_example_gives_the_value_beside_it(name: str, source: str, value: str) -> None:
    assert f"{name}(" in source
    assert shown(source) == value


def test_every_function_has_an_example() -> None:
    assert sorted(name for name, *_ in EXAMPLES) == sorted(FUNCTIONS)


def test_the_families_are_the_headings() -> None:
    assert _FAMILY.findall(PAGE) == list(FAMILIES)


def test_what_is_refused_is_listed() -> None:
    refused = PAGE[PAGE.index("## Refused") :]
    listed = {name.upper() for name in re.findall(r"`(\$?[A-Za-z]+)`", refused)}
    assert set(REFUSED) | set(REFUSED_VARIABLES) <= listed


def test_a_declared_variable_is_a_parent_like_any_other() -> None:
    fields = [{"name": "$User", "fields": [{"name": "Email", "type": "Email"}]}]
    compiled = compile_formula("$user.email", fields, "Text")
    assert compiled.evaluate({"$User": {"Email": "a@b.c"}}) == "a@b.c"


def test_the_example_of_the_package_is_true() -> None:
    outcome = doctest.testmod(formula)
    assert outcome.attempted == 4
    assert outcome.failed == 0
