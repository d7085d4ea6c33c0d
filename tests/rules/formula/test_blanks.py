"""Blanks, which is where formulas are misread: each line in both modes."""

from __future__ import annotations

import pytest

from syncrules.formula import Blanks
from tests.rules.formula.language import ERROR, boolean, day, moment, number, text


@pytest.mark.parametrize(
    ("source", "zero", "blank"),
    [
        ("n", "0", None),
        ("n + 5", "5", None),
        ("5 - n", "5", None),
        ("n * 5", "0", None),
        ("1 / n", ERROR, None),
        ("-n", "0", None),
        ("n ^ 2", "0", None),
        ("2 ^ n", "1", None),
        ("p + c", "0", None),
        ("ABS(n)", "0", None),
        ("ROUND(n, 2)", "0", None),
        ("ROUND(1.25, n)", "1", None),
        ("MOD(n, 3)", "0", None),
        ("MAX(n, -1)", "0", None),
        ("MIN(3, n, 4)", "0", None),
        ("EXP(n)", "1", None),
        ("LN(n)", ERROR, None),
        ("ATAN2(n, 1)", "0", ERROR),
        ("BLANKVALUE(n, 7)", "0", "7"),
        ("NULLVALUE(n, 7)", "0", "7"),
        ("BLANKVALUE(n, m)", "0", None),
        ("IF(ISBLANK(n), 1, 2)", "2", "1"),
        ("IF(ISNULL(n), 1, 2)", "2", "1"),
        ("IF(n = 0, 1, 2)", "1", "2"),
        ("IF(n <> 0, 1, 2)", "2", "2"),
        ("IF(n < 5, 1, 2)", "1", "2"),
        ("IF(n > 5, 1, 2)", "2", "2"),
        ("IF(NOT(n > 5), 1, 2)", "1", "2"),
        ("IF(n = m, 1, 2)", "1", "2"),
        ("IF(n = NULL, 1, 2)", "2", "2"),
        ("CASE(n, 0, 1, 2)", "1", "2"),
        ("CASE(1, n, 1, 2)", "2", "2"),
        ("IF(IN(n, 0, 1), 1, 2)", "1", "2"),
        ("IF(TRUE, n, 1)", "0", None),
        ("IFERROR(1 / n, 9)", "9", None),
        ("Product__r.Price__c", "0", None),
        ("Product__r.Price__c + 1", "1", None),
        ("Product__r.Family__r.Rank", "0", None),
        ("Product__r.Half__c", "0", None),
        ("Double", "0", None),
        ("BLANKVALUE(Double, 3)", "0", "3"),
        # What is computed is never made zero, only what is read from a number field.
        ("VALUE(t) + 1", None, None),
        ("DAY(d) + 1", None, None),
        ("IF(TRUE, NULL, 1) + 1", None, None),
        ("NULL + 1", None, None),
        ("NULL * 1", None, None),
        ("LEN(t)", "0", "0"),
        ("FIND(t, 'abc')", "0", "0"),
        ("FIND('a', t)", "0", "0"),
        ("FIND('a', 'banana', n)", "2", ERROR),
        ("d - e", None, None),
        ("HOUR(tm)", None, None),
        ("UNIXTIMESTAMP(d)", None, None),
        ("PICKLISTCOUNT(multi)", "0", "0"),
        ("DISTANCE(place, GEOLOCATION(1, 2), 'km')", None, None),
        ("DISTANCE(GEOLOCATION(n, m), GEOLOCATION(0, 0), 'km')", "0", None),
    ],
)
def test_a_blank_counts_as_zero_or_blanks_the_number(
    source: str, zero: str | None, blank: str | None
) -> None:
    assert number(source, "zero") == zero
    assert number(source, "blank") == blank


@pytest.mark.parametrize("blanks", ["zero", "blank"])
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("t", None),
        ('t & "x"', "x"),
        ('"x" + t', "x"),
        ("t & u", None),
        ("UPPER(t)", None),
        ("LEFT(t, 3)", None),
        ("TRIM(t)", None),
        ('SUBSTITUTE(t, "a", "b")', None),
        ('SUBSTITUTE("abc", t, "b")', None),
        ('SUBSTITUTE("abc", "b", t)', "ac"),
        ('SUBSTITUTE("a", "a", "")', None),
        ('LPAD("a", 3, t)', None),
        ('LPAD("abcd", 3, t)', "abc"),
        ("BLANKVALUE(t, 'none')", "none"),
        ("NULLVALUE(t, 'none')", None),
        ("TEXT(pick)", None),
        ("TEXT(d)", None),
        ("TEXT(dt)", None),
        ("TEXT(tm)", None),
        ("CASE(t, '', 'empty', 'full')", "empty"),
        ("CASE(pick, '', 'empty', 'full')", "empty"),
        ("CASE(d, e, 'same', 'not')", "not"),
        ("IF(NOT(NULL), 'yes', 'no')", "no"),
        ("IF(d > e, 'later', 'not')", "not"),
        ("IF(d <> e, 'other', 'not')", "not"),
        ("IF(t < 'x', 'before', 'not')", "not"),
        ("IF('x' > t, 'after', 'not')", "not"),
        ("IF(t <= u, 'same', 'not')", "not"),
        ("Product__r.Family__r.Name", None),
        ("FORMATCURRENCY('EUR', NULL)", None),
        ("FORMATDURATION(dt, du)", None),
        ("HTMLENCODE(t)", None),
    ],
)
def test_a_blank_text(source: str, expected: str | None, blanks: Blanks) -> None:
    assert text(source, blanks) == expected


@pytest.mark.parametrize("blanks", ["zero", "blank"])
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("b", False),
        ('t = ""', True),
        ("t = NULL", True),
        ("t = u", True),
        ('t <> "x"', True),
        ("ISBLANK(t)", True),
        ('ISBLANK("")', True),
        ("ISNULL(t)", False),
        ('CONTAINS("abc", t)', True),
        ('CONTAINS(t, "abc")', False),
        ('BEGINS("abc", t)', True),
        ('ENDS("abc", t)', True),
        ('NOT(CONTAINS(t, "abc"))', False),
        ("d = NULL", False),
        ("d = e", False),
        ("ISBLANK(d)", True),
        ("ISNULL(d)", True),
        ("ISBLANK(pick)", True),
        ('ISPICKVAL(pick, "")', True),
        ('ISPICKVAL(pick, "ONETIME")', False),
        ('INCLUDES(multi, "A")', False),
        ('TEXT(pick) = ""', True),
        ("IN(t, '')", False),
        ("IN(d, e, NULL)", False),
        ("ISNUMBER(t)", False),
        ("REGEX(t, u)", True),
        ('REGEX(t, "a+")', False),
        ("LIKE(t, '%')", True),
        ("AND(b, 1 / 0 = 1)", False),
        ("OR(NOT(b), 1 / 0 = 1)", True),
        ("NULL || TRUE", True),
        ("NULL && TRUE", False),
        ("IsBig", False),
        ("IsBig = FALSE", True),
    ],
)
def test_a_blank_in_a_condition(source: str, expected: object, blanks: Blanks) -> None:
    assert boolean(source, blanks) is expected


@pytest.mark.parametrize("blanks", ["zero", "blank"])
@pytest.mark.parametrize(
    "source",
    ["d + 1", "1 + d", "d - 1", "DATEVALUE(t)", "DATEVALUE(dt)", "ADDMONTHS(d, 1)", "Later"],
)
def test_a_blank_date(source: str, blanks: Blanks) -> None:
    assert day(source, blanks) is None


def test_blank_months_leave_the_date_alone() -> None:
    assert day("ADDMONTHS(d, n)", "blank", d="2024-01-31") == "2024-01-31"
    assert day("ADDMONTHS(d, n)", "zero", d="2024-01-31") == "2024-01-31"


@pytest.mark.parametrize("source", ["dt + 1", "DATETIMEVALUE(t)", "DATETIMEVALUE(d)", "dt - 0.5"])
def test_a_blank_moment(source: str) -> None:
    assert moment(source) is None


def test_a_blank_day_of_a_date_is_an_error_only_where_it_counts_as_zero() -> None:
    assert day("DATE(2024, 2, n)", "zero") == ERROR
    assert day("DATE(2024, 2, n)", "blank") is None
