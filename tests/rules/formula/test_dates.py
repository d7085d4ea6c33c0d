"""Dates, times of day, moments, and spans between them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from syncrules.formula import EvaluationError, compile_formula
from tests.rules.formula.language import ERROR, FIELDS, boolean, day, moment, number, text, value_of


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("DATE(2012, 2, 29)", "2012-02-29"),
        ("DATE(2011, 2, 29)", ERROR),
        ("DATE(2009, 12, 0.9)", ERROR),
        ("DATE(2009, 12.9, 1.9)", "2009-12-01"),
        ("DATE(0, 2, 2)", ERROR),
        ("DATE(10000, 1, 1)", ERROR),
        ("DATE(2005, 4, 5) + 0.7", "2005-04-05"),
        ("DATE(2005, 4, 5) + 1.9", "2005-04-06"),
        ("DATE(2005, 4, 5) - 1.9", "2005-04-04"),
        ("2 + DATE(2005, 4, 5)", "2005-04-07"),
        ("DATE(2005, 4, 5) + 0.5 + 0.5", "2005-04-05"),
        ("DATE(9999, 12, 31) + 1", ERROR),
        ("DATE(2024, 1, 1) + 10 ^ 30", ERROR),
        ("ADDMONTHS(DATE(2016, 2, 29), 1)", "2016-03-31"),
        ("ADDMONTHS(DATE(2016, 2, 28), 1)", "2016-03-28"),
        ("ADDMONTHS(DATE(2016, 1, 31), 1)", "2016-02-29"),
        ("ADDMONTHS(DATE(2016, 3, 31), -2)", "2016-01-31"),
        ("ADDMONTHS(DATE(2016, 2, 29), 0.5)", "2016-02-29"),
        ("ADDMONTHS(DATE(2016, 2, 29), 999999)", ERROR),
        ("DATEVALUE('2005-1-2')", "2005-01-02"),
        ("DATEVALUE('2005-01-02 and more')", "2005-01-02"),
        ("DATEVALUE('2005-02-31')", ERROR),
        ("DATEVALUE('5-1-2')", ERROR),
        ("DATEVALUE('crap')", ERROR),
        ("DATEVALUE(DATETIMEVALUE('2004-12-31 11:32:10') + 3.6)", "2005-01-04"),
        ("TODAY()", "2026-03-17"),
        ("DATEVALUE(NOW())", "2026-03-17"),
    ],
)
def test_dates(source: str, expected: str) -> None:
    assert day(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("DATETIMEVALUE('2012-2-7 5:22:3')", "2012-02-07 05:22:03"),
        ("DATETIMEVALUE('2012-02-07')", ERROR),
        ("DATETIMEVALUE('2012-01-01 24:00:00')", ERROR),
        ("DATETIMEVALUE('2012-01-01 23:00:60')", ERROR),
        ("DATETIMEVALUE(DATE(2012, 1, 1))", "2012-01-01 00:00:00"),
        ("DATETIMEVALUE('2016-02-29 13:15:10') + 0.16666", "2016-02-29 17:15:09"),
        ("DATETIMEVALUE('2016-02-29 13:15:10') + 0.166667", "2016-02-29 17:15:10"),
        ("DATETIMEVALUE('2016-02-29 13:15:10') - 1", "2016-02-28 13:15:10"),
        ("1 + DATETIMEVALUE('2016-02-29 13:15:10')", "2016-03-01 13:15:10"),
        ("ADDMONTHS(DATETIMEVALUE('2004-12-31 11:32:00'), 3.1)", "2005-03-31 11:32:00"),
        ("FROMUNIXTIME(1132074000)", "2005-11-15 17:00:00"),
        ("FROMUNIXTIME(-1)", "1969-12-31 23:59:59"),
        ("FROMUNIXTIME(10 ^ 15)", ERROR),
        ("NOW()", "2026-03-17 13:45:10"),
        ("$System.OriginDateTime", "1900-01-01 00:00:00"),
    ],
)
def test_moments(source: str, expected: str) -> None:
    assert moment(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("DATE(2005, 4, 5) - DATE(2005, 4, 1)", "4"),
        ("DATETIMEVALUE('2005-04-05 12:00:00') - DATETIMEVALUE('2005-04-04 00:00:00')", "1.5"),
        ("DAY(DATE(1958, 1, 15))", "15"),
        ("MONTH(DATE(1958, 1, 15))", "1"),
        ("YEAR(DATE(1958, 1, 15))", "1958"),
        ("WEEKDAY(DATE(2016, 11, 3))", "5"),
        ("WEEKDAY(DATE(2016, 11, 6))", "1"),
        ("DAYOFYEAR(DATE(2008, 12, 31))", "366"),
        ("ISOWEEK(DATE(2006, 1, 1))", "52"),
        ("ISOYEAR(DATETIMEVALUE('2010-01-01 00:00:00'))", "2009"),
        ("HOUR(TIMEVALUE('10:40:55.666'))", "10"),
        ("MINUTE(TIMEVALUE('10:40:55.666'))", "40"),
        ("SECOND(TIMEVALUE('10:40:55.666'))", "55"),
        ("MILLISECOND(TIMEVALUE('10:40:55.666'))", "666"),
        ("HOUR(TIMEVALUE('10:40:55.666') + 3600000)", "11"),
        ("HOUR(TIMEVALUE('23:40:55.666') + 3600000)", "0"),
        ("HOUR(TIMEVALUE('00:40:55.666') - 3600000)", "23"),
        ("HOUR(TIMEVALUE('10:40:55'))", ERROR),
        ("TIMEVALUE('10:00:00.000') - TIMEVALUE('12:00:00.000')", "79200000"),
        ("HOUR(TIMENOW())", "13"),
        ("UNIXTIMESTAMP(DATE(1900, 1, 1))", "-2208988800"),
        ("UNIXTIMESTAMP(DATETIMEVALUE('2005-11-15 17:00:00'))", "1132074000"),
        ("UNIXTIMESTAMP(TIMEVALUE('01:00:01.500'))", "3601"),
    ],
)
def test_numbers_from_dates(source: str, expected: str) -> None:
    assert number(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("TEXT(DATE(2013, 12, 31))", "2013-12-31"),
        ("TEXT(DATETIMEVALUE('2013-12-31 01:02:03'))", "2013-12-31 01:02:03Z"),
        ("TEXT(TIMEVALUE('01:02:03.4'))", "01:02:03.004"),
        ("FORMATDURATION($System.OriginDateTime, $System.OriginDateTime - 1.5)", "1:12:00:00"),
        ("FORMATDURATION(TIMEVALUE('06:34:56.789'), TIMEVALUE('08:34:56.789'))", "02:00:00"),
    ],
)
def test_dates_as_text(source: str, expected: str) -> None:
    assert text(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("d = e", True),
        ("d < DATE(2025, 1, 1)", True),
        ("dt >= du", False),
        ("tm < TIMEVALUE('12:00:00.000')", True),
        ("DATEVALUE(dt) = d", True),
    ],
)
def test_comparison(source: str, expected: object) -> None:
    record: dict[str, Any] = {
        "d": "2024-05-06",
        "e": date(2024, 5, 6),
        "dt": "2024-05-06T10:00:00.000+0000",
        "du": datetime(2024, 5, 6, 10, 0, 1, tzinfo=UTC),
        "tm": "11:59:59.999Z",
    }
    assert boolean(source, **record) is expected


@pytest.mark.parametrize(
    ("field", "raw"), [("d", "06.05.2024"), ("d", 5), ("dt", "now"), ("tm", "25:00"), ("tm", 1)]
)
def test_what_is_no_date_in_a_date_field_is_an_error(field: str, raw: object) -> None:
    assert text(f"TEXT({field})", "zero", **{field: raw}) == ERROR


def test_a_date_formula_keeps_the_time_of_a_moment_that_has_one() -> None:
    assert value_of("DATETIMEVALUE(d)", "Date", d="2024-05-06") == date(2024, 5, 6)
    assert value_of("dt", "Date", dt="2024-05-06T10:00:00Z") == datetime(2024, 5, 6, 10, tzinfo=UTC)
    assert text("TEXT(Later)", dt="2024-05-06T10:00:00Z") == "2024-05-07"


def test_a_time_of_day() -> None:
    assert value_of("tm + 1", "Time", tm=time(1, 2)) == time(1, 2, 0, 1000)


def test_a_formula_of_the_moment_needs_to_be_told_the_time() -> None:
    formula = compile_formula("TODAY() + 1", FIELDS, "Date")

    with pytest.raises(EvaluationError, match="none was given"):
        formula.evaluate({})
    assert formula.evaluate({}, datetime(2026, 1, 1, 23, 30, tzinfo=UTC)) == date(2026, 1, 2)
