from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.salesforce import soql

STATEMENT_LIMIT = 100_000


def unquoted(literal: str) -> str:
    """The value of a SOQL string literal, read by the published escape table."""
    assert literal.startswith("'")
    assert literal.endswith("'")
    escapes = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    value, rest = "", iter(literal[1:-1])
    for char in rest:
        assert char != "'", "an unescaped quote ends the literal early"
        if char == "\\":
            escaped = next(rest)
            value += escapes.get(escaped, escaped)
        else:
            value += char
    return value


@given(st.text())
def test_any_text_is_one_literal_of_the_same_value(text: str) -> None:
    assert unquoted(soql.quoted(text)) == text


def test_a_quote_does_not_end_the_literal() -> None:
    assert soql.quoted("x' OR Name != '") == r"'x\' OR Name != \''"


@given(st.lists(st.text(max_size=255), max_size=400))
def test_every_value_is_asked_for_in_statements_that_are_short_enough(values: list[str]) -> None:
    values = [value for value in values if value.isprintable()]
    statements = soql.quotes_by_mn_id(values)
    for value in values:
        assert sum(soql.quoted(value) in statement for statement in statements) >= 1
    assert all(len(statement) < STATEMENT_LIMIT for statement in statements)


def test_a_thousand_ids_are_one_statement_that_goes_in_a_body() -> None:
    ids = [f"006{number:015d}" for number in range(1001)]
    first, second = soql.opportunities_by_id(ids, fields=soql.OPPORTUNITY_FIELDS)
    assert first.count("'006") == 1000
    assert not soql.fits_a_url(first)
    assert soql.fits_a_url(second)
    assert len(quote(second)) < 16_384 - 4000


def test_nothing_to_ask_for_is_no_statement() -> None:
    assert soql.quotes_by_mn_id([]) == []


def test_times_are_asked_for_in_utc_and_to_the_second() -> None:
    noon = datetime(2026, 3, 1, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert soql.moment(noon) == "2026-03-01T10:00:00Z"
    assert soql.moment(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01T00:00:00Z"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        soql.moment(datetime(2026, 3, 1))  # noqa: DTZ001, the point of the test
