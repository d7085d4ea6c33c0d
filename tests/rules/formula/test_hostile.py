"""Input made to hang or to crash ends in a clear error instead."""

from __future__ import annotations

import pytest

from syncrules.formula import CompileError, EvaluationError, Field, compile_formula, parse
from tests.rules.formula.language import ERROR, FIELDS, boolean, number, text


@pytest.mark.parametrize(
    "source",
    [
        "-" * 3_800 + "1",
        "!" * 3_800 + "b",
        "NOT " * 950 + "b",
        "ABS(" * 700 + "1" + ")" * 700,
        "IF(b, 1, " * 350 + "1" + ")" * 350,
        "(1 + " * 600 + "1" + ")" * 600,
    ],
)
def test_deep_nesting_is_refused(source: str) -> None:
    with pytest.raises(CompileError, match="nests more than 150 levels"):
        parse(source)


@pytest.mark.parametrize("source", ["(" * 3_900, ")" * 3_900, "(" * 1_949 + "n" + ")" * 1_949])
def test_parentheses_alone_are_no_depth(source: str) -> None:
    if source.endswith("n" + ")" * 1_949):
        assert number(source, n=1) == "1"
    else:
        with pytest.raises(CompileError):
            parse(source)


def test_a_hundred_nested_choices_are_fine() -> None:
    source = "".join(f"IF(n={i},{i}," for i in range(100)) + "0" + ")" * 100
    assert number(source, n=99) == "99"


def test_a_long_sum_is_flat() -> None:
    assert number("+".join(["n"] * 1_950), n=2) == "3900"
    assert text("&".join(["t"] * 1_950), t="x") == "x" * 1_300


def test_formula_fields_that_nest_too_deeply_together_are_refused() -> None:
    fields = [Field("f0", "Number", formula="1 + 0")]
    fields += [Field(f"f{i}", "Number", formula=f"ABS(f{i - 1})") for i in range(1, 400)]
    with pytest.raises(CompileError, match="nests more than 150 levels"):
        compile_formula("f399", fields, "Number")


@pytest.mark.parametrize(
    "source",
    [
        "9 ^ 9 ^ 9 ^ 9",
        " * ".join(["EXP(700)"] * 13),
        "VALUE('1e3900') * 10",
        "VALUE('9e9999999999')",
        "LEN(LPAD('x', 10 ^ 12))",
        "LEN(RPAD('x', 10 ^ 30, 'ab'))",
        "LEN(LEFT('x', 10 ^ 60))",
        "DAY(DATE(2024, 1, 1) + 10 ^ 40)",
        "YEAR(ADDMONTHS(DATE(2024, 1, 1), 10 ^ 12))",
    ],
)
def test_huge_results_are_an_error(source: str) -> None:
    assert number(source) == ERROR


def test_text_cannot_grow_without_end() -> None:
    source = "'aaaaaaaaaa'"
    for _ in range(9):
        source = f"SUBSTITUTE({source}, 'a', 'aaaaaaaaaa')"
    assert text(source) == ERROR

    fields = [Field("f0", "Text", formula="LPAD('x', 99999, 'x') & ''")]
    fields += [Field(f"f{i}", "Text", formula=f"f{i - 1} & f{i - 1}") for i in range(1, 30)]
    with pytest.raises(EvaluationError, match="exceeds 100,000"):
        compile_formula("f29", fields, "Text").evaluate({})


def test_a_field_longer_than_any_field_is_an_error() -> None:
    assert text("t", t="x" * 100_001) == ERROR
    assert number("n", n="1" * 100_001) == ERROR


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a*)*b", "(a|aa)+$", "(a|a?)+b", "(.*)(.*)(.*)(.*)(.*)b", "(x+x+)+y"]
)
def test_a_catastrophic_pattern_is_just_a_pattern(pattern: str) -> None:
    assert boolean("REGEX(t, u)", t="a" * 500 + "!", u=pattern) is False


def test_too_much_work_for_a_pattern_is_an_error() -> None:
    assert boolean("REGEX(t, u)", t="a" * 90_000, u="(a?){200}(a*)*b") == ERROR
    assert boolean("REGEX(t, u)", t="a", u="((a{1000}){1000}){1000}") == ERROR
    assert boolean("REGEX(t, u)", t="a", u="(" * 2_000) == ERROR
    assert boolean("LIKE(t, u)", t="a" * 90_000, u="%" + "a" * 5_000 + "b") == ERROR


def test_deep_json_is_an_error() -> None:
    assert text("JSONVALUE(t, 'a')", t="[" * 90_000) == ERROR
    assert text("JSONPATHVALUE(t, 'a')", t="[" * 90_000) is None


def test_many_unclosed_comments_are_refused_at_once() -> None:
    with pytest.raises(CompileError):
        compile_formula("/*" * 1_950, FIELDS, "Number")
