"""A minute of damaged formulas: each is answered soon, with a tree or with a place."""

from __future__ import annotations

import random
import time
from contextlib import suppress

import pytest

from syncrules.formula import CompileError, EvaluationError, compile_formula, parse, to_source
from tests.rules.formula.language import FIELDS, NOW

SEEDS = (
    'IF( TEXT(Product__r.Type__c) = "ONETIME", Product__r.Price__c, n )',
    "ROUND((n - m) / IF(m = 0, 1, m) * 100, 2) /* growth */",
    'CASE(pick, "ONETIME", 1, "RECURRING", 12, 0) * BLANKVALUE(n, 0) ^ 2',
    "AND(d <= TODAY(), NOT(ISBLANK(dt)), dt - 0.5 > NOW() || !b)",
    "'it\\'s ' & LEFT(UPPER(t), FIND(\" \", t & ' ') - 1) + \"\\\\\"",
)
PIECES = [*"()'\"\\/*+-^&|!<>=,.$#:_ \n\t09azAZ", "/*", "*/", "&&", "||", "IF(", "NOT ", "é", "\0"]
SECONDS = 60


@pytest.mark.soak
def test_the_parser_survives_a_minute_of_damage() -> None:
    source_of_chance = random.Random(20260317)
    end = time.monotonic() + SECONDS
    seen = 0
    while time.monotonic() < end:
        source = _damaged(source_of_chance)
        started = time.monotonic()
        _check(source)
        assert time.monotonic() - started < 5, source
        seen += 1
    assert seen > 1_000


def _damaged(chance: random.Random) -> str:
    source = chance.choice(SEEDS) * chance.choice([1, 1, 1, 1, 5, 60])
    for _ in range(chance.randint(1, 12)):
        start = chance.randrange(len(source) + 1)
        end = min(len(source), start + chance.choice([0, 0, 1, 1, 5, 40]))
        source = source[:start] + chance.choice(PIECES) * chance.choice([1, 1, 9]) + source[end:]
    return source


def _check(source: str) -> None:
    refusal = _refusal(source)
    if refusal is not None:
        assert refusal.excerpt.endswith("^")
        return
    tree = parse(source)
    assert parse(to_source(tree)) == tree
    with suppress(CompileError, EvaluationError):
        compile_formula(source, FIELDS, "Number").evaluate({}, NOW)


def _refusal(source: str) -> CompileError | None:
    try:
        parse(source)
    except CompileError as error:
        return error
    return None
