"""Numbers: exact decimals, rounding, the functions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncrules.formula import compile_formula
from tests.rules.formula.language import ERROR, FIELDS, number, value_of


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("0.1 + 0.2", "0.3"),
        ("1 / 3", "0." + "3" * 32),
        ("2 / 3 * 3", "2"),
        ("1 / 123456789123456.24 * 123456789123456.24", "1"),
        ("2 ^ 3 ^ 2", "64"),
        ("-2 ^ 2", "4"),
        ("2 * 3 ^ 2", "36"),
        ("2 ^ -1", "0.5"),
        ("2 ^ 0.5", ERROR),
        ("0 ^ 0", "1"),
        ("0 ^ -1", ERROR),
        ("9 ^ 9 ^ 9 ^ 9", ERROR),
        ("10 ^ 64", "1" + "0" * 64),
        ("64 ^ 64", ERROR),
        ("0.1 ^ 40", "0"),
        ("10 ^ -3", "0.001"),
        ("1 - -1", "2"),
        ("+5", "5"),
        ("7 - 2 - 1", "4"),
        ("100 / 10 / 2", "5"),
        ("5 / 0", ERROR),
        ("ROUND(1.125, 2)", "1.13"),
        ("ROUND(-1.125, 2)", "-1.13"),
        ("ROUND(-123456.3335, -2)", "-123500"),
        ("ROUND(56, -2)", "0"),
        ("ROUND(0.5, 0)", "1"),
        ("ROUND(2.5, 0.9)", "3"),
        ("ROUND(1.5, 99999999999)", "1.5"),
        ("TRUNC(-1.129, 2)", "-1.12"),
        ("TRUNC(1.9)", "1"),
        ("FLOOR(2.5)", "2"),
        ("FLOOR(-2.5)", "-2"),
        ("CEILING(2.1)", "3"),
        ("CEILING(-2.1)", "-3"),
        ("MFLOOR(-2.5)", "-3"),
        ("MCEILING(-2.5)", "-2"),
        ("FLOOR(6 / 11 * 11)", "6"),
        ("CEILING(6 / 11 * 11)", "6"),
        ("MOD(7, 3)", "1"),
        ("MOD(-7, 3)", "-1"),
        ("MOD(100.5, -10)", "0.5"),
        ("MOD(7, 0)", ERROR),
        ("ABS(-3.5)", "3.5"),
        ("SQRT(16)", "4"),
        ("SQRT(-1)", ERROR),
        ("LN(1)", "0"),
        ("LN(0)", ERROR),
        ("LOG(1000)", "2.9999999999999996"),
        ("LOG(100)", "2"),
        ("EXP(0)", "1"),
        ("EXP(1000)", ERROR),
        ("MAX(1, 10, 5)", "10"),
        ("MIN(4)", "4"),
        ("MIN(4, -1, 3)", "-1"),
        ("PI()", "3.14159265358979323846"),
        ("SIN(0)", "0"),
        ("COS(0)", "1"),
        ("ATAN2(0, 1)", "0"),
        ("ASIN(2)", ERROR),
        ("ACOS(1)", "0"),
        ("VALUE('1.e-1')", "0.1"),
        ("VALUE('+.5')", "0.5"),
        ("VALUE('1,000')", ERROR),
        ("VALUE(' 1')", ERROR),
        ("VALUE('1_0')", ERROR),
        ("VALUE('NaN')", ERROR),
        ("VALUE('1e9999')", ERROR),
        ("CONVERTCURRENCY(5)", "5"),
    ],
)
def test_numbers(source: str, expected: str) -> None:
    assert number(source) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("45", "0.45"),
        ("0.0", "0"),
        (Decimal("12.5"), "0.125"),
        (50, "0.5"),
        (0.1, "0.001"),
        ("-7", "-0.07"),
    ],
)
def test_a_percent_field_is_a_fraction_in_the_formula(raw: object, expected: str) -> None:
    assert number("p", p=raw) == expected


def test_a_percent_result_is_what_people_call_it() -> None:
    assert value_of("p", "Percent", p="45") == 45
    assert value_of("1 / 4", "Percent") == 25
    assert value_of("Share", "Percent", n=7) == 7


@pytest.mark.parametrize("raw", ["abc", "1 2", "1_000", "NaN", "Infinity", True, [], "1e99999"])
def test_what_is_no_number_in_a_number_field_is_an_error(raw: object) -> None:
    assert number("n + 1", n=raw) == ERROR


@pytest.mark.parametrize(
    ("raw", "expected"), [(".244", "0.244"), ("02", "2"), ("-0", "0"), (1.1, "1.1"), (" 7 ", "7")]
)
def test_numbers_are_read_as_they_come(raw: object, expected: str) -> None:
    assert number("n", n=raw) == expected


def test_the_result_is_rounded_once_at_the_end() -> None:
    formula = compile_formula("n / 3 * 3", FIELDS, "Currency", scale=2)
    assert formula.evaluate({"n": 1}) == 1

    formula = compile_formula("n / 3", FIELDS, "Currency", scale=2)
    assert formula.evaluate({"n": 2}) == Decimal("0.67")


def test_a_formula_field_is_not_rounded_where_another_formula_reads_it() -> None:
    fields = [{"name": "n", "type": "Number"}, {"name": "f", "type": "Number", "formula": "n / 3"}]
    assert compile_formula("f * 3", fields, "Number", scale=0).evaluate({"n": 1}) == 1
