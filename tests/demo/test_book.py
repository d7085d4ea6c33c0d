"""The sample itself, before it is written anywhere."""

import re
from collections import Counter
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from console.demo import Book, build, scenarios
from console.demo.figures import arr_of, incremental_arr_of, product_amount_of, year_arr_of
from console.demo.salesforce_side import records
from console.demo.scenarios import Scenario
from console.models import Product, Quote, QuoteItem
from syncrules import salesforce_id
from syncrules.facts import OpportunityStatus, QuoteStatus

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def book() -> Book:
    return build(TODAY)


def test_it_is_as_large_as_promised(book: Book) -> None:
    assert len([each for each in book.accounts if each.mn_id]) >= 57
    assert len(book.opportunities) == 200
    assert len(book.records) == 200
    assert 390 <= len(book.quotes) <= 460
    assert all(quote.lines for quote in book.quotes)


def test_two_builds_are_equal(book: Book) -> None:
    assert build(TODAY) == book


def test_another_day_moves_the_dates_and_nothing_else(book: Book) -> None:
    later = build(date(2028, 2, 29))

    assert later != book
    assert later.scenarios == book.scenarios
    assert _undated(later) == _undated(book)


def _undated(book: Book) -> list[Any]:
    quotes = [(q.mn_id, q.status, q.amount, [_bare(line) for line in q.lines]) for q in book.quotes]
    opportunities = [(o.mn_id, o.name, o.primary_quote_mn_id) for o in book.opportunities]
    records = [
        (r.salesforce_id, r.account.salesforce_id, r.mn_id, r.primary_quote_salesforce_id, r.amount)
        for r in book.records
    ]
    return [quotes, opportunities, records, book.products, book.entries, book.pushes]


def _bare(line: Any) -> Any:
    return replace(line, start=TODAY, end=TODAY)


@pytest.mark.parametrize("scenario", [each for each in Scenario if each != "document_ramp"])
def test_every_scenario_can_be_seen_at_least_twice(scenario: Scenario) -> None:
    examples = scenarios()[scenario]

    assert len(examples) >= 2
    assert len({each.record or each.opportunity for each in examples}) == len(examples)


def test_the_names_of_scenarios_are_those_declared(book: Book) -> None:
    assert set(book.scenarios) == set(Scenario)


def test_every_id_is_given_once(book: Book) -> None:
    lines = [line for quote in book.quotes for line in quote.lines]
    ours = Counter(
        each.mn_id
        for group in (book.accounts, book.products, book.entries, book.opportunities, book.quotes)
        for each in group
        if each.mn_id
    ) + Counter(line.mn_id for line in lines)
    theirs = Counter(row["Id"] for rows in records(book).values() for row in rows)

    assert max(ours.values()) == 1
    assert max(theirs.values()) == 1
    assert all(salesforce_id.to_18(each) == each for each in theirs)


def test_everything_that_salesforce_refers_to_is_there(book: Book) -> None:
    """The org's load does not check references, so nobody else would notice."""
    everything = records(book)
    known = {row["Id"] for rows in everything.values() for row in rows}
    named = {
        value: f"{name}.{field}"
        for name, rows in everything.items()
        for row in rows
        for field, value in row.items()
        if isinstance(value, str) and re.fullmatch(r"\w{3}Dm0\w{12}", value)
    }

    assert {value: where for value, where in named.items() if value not in known} == {}


def test_every_kind_of_thing_occurs(book: Book) -> None:
    lines = [line for quote in book.quotes for line in quote.lines]
    sold = [line.product.type for line in lines if line.product]

    assert {quote.status for quote in book.quotes} == set(QuoteStatus)
    assert {quote.type for quote in book.quotes} == set(Quote.Type)
    assert {each.status for each in book.opportunities} == set(OpportunityStatus)
    assert {each.currency for each in book.opportunities} == {"USD", "EUR", "GBP", "CAD"}
    assert set(sold) == set(Product.Type)
    assert {line.amendment_status for line in lines} == set(QuoteItem.AmendmentStatus)
    assert {line.role for line in lines} == set(QuoteItem.Role)
    assert {line.override for line in lines} == {"", *QuoteItem.Override}
    assert any(line.product and line.entry is None for line in lines)
    assert any(line.product is None for line in lines)


def test_lines_of_metered_products_may_have_no_quantity(book: Book) -> None:
    empty = [line for quote in book.quotes for line in quote.lines if line.quantity == 0]
    of_products = [(line.product.type, line.amendment_status) for line in empty if line.product]
    metered = [status for kind, status in of_products if kind == "USAGE"]

    assert len(metered) > 20
    assert {status for kind, status in of_products if kind != "USAGE"} == {"REMOVED"}


def test_the_ramp_of_the_document_is_there_to_the_cent(book: Book) -> None:
    [quote] = [each for each in book.quotes if each.description == "Document ramp"]
    year = TODAY.year + 1

    assert [(line.start, line.end, line.quantity, line.amount) for line in quote.lines] == [
        (date(year, 1, 1), date(year, 3, 31), Decimal(1), Decimal("300.00")),
        (date(year, 4, 1), date(year, 7, 31), Decimal(2), Decimal("800.00")),
        (date(year, 8, 1), date(year, 12, 31), Decimal(10), Decimal("5000.00")),
    ]
    assert {(line.unit_price, line.billing_months) for line in quote.lines} == {(Decimal(1200), 12)}
    assert len({line.product.mn_id for line in quote.lines if line.product}) == 1
    assert (quote.start, quote.end) == (date(year, 1, 1), date(year, 12, 31))
    assert quote.amount == Decimal("6100.00")
    assert [arr_of(line) for line in quote.lines] == [1200, 2400, 12000]
    assert [incremental_arr_of(line, quote) for line in quote.lines] == [0, 0, 12000]
    assert [year_arr_of(line, quote, year=1) for line in quote.lines] == [0, 0, 12000]
    assert [year_arr_of(line, quote, year=2) for line in quote.lines] == [0, 0, 0]


def test_the_ramp_of_the_document_will_be_linked(book: Book) -> None:
    [example] = book.scenarios["document_ramp"]
    [quote] = [each for each in book.quotes if each.description == "Document ramp"]
    [record] = [each for each in book.records if each.salesforce_id == example.record]

    assert quote.opportunity_mn_id == example.opportunity
    assert record.primary_quote_salesforce_id == quote.salesforce_id
    assert record.mn_id is None
    assert "Document ramp" in record.name


def test_one_time_products_are_worth_their_amount_and_others_their_revenue(book: Book) -> None:
    """As in the formula of the document."""
    worth: dict[str, list[bool]] = {"ONETIME": [], "ONETIME_PREPAID_CREDIT": []}
    for quote in book.quotes:
        for line in quote.lines:
            if line.product and line.product.type in worth:
                is_amount = product_amount_of(line, quote) == line.amount
                worth[line.product.type].append(is_amount)

    assert set(worth["ONETIME"]) == {True}
    assert set(worth["ONETIME_PREPAID_CREDIT"]) == {False}


def test_an_amendment_shows_the_contract_so_far_and_counts_only_the_change(book: Book) -> None:
    amendments = [quote for quote in book.quotes if quote.type == "AMENDMENT"]
    removed = [
        line for quote in amendments for line in quote.lines if line.amendment_status == "REMOVED"
    ]
    unchanged = [
        line
        for quote in amendments
        for line in quote.lines
        if line.amendment_status == "NO_CHANGE" and not line.is_reference
    ]

    assert all(any(line.is_reference for line in quote.lines) for quote in amendments)
    assert removed
    assert all(line.amount < 0 and line.previous_arr > 0 for line in removed)
    assert unchanged
    assert all(line.amount == 0 for line in unchanged)


def test_every_field_of_the_book_is_filled(book: Book) -> None:
    assert all(getattr(book, each.name) for each in fields(book))
