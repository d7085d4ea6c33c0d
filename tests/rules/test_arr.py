"""ARR: normalised, contributing, incremental and by contract year."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from syncrules import arr
from syncrules.json_form import from_json, to_json
from syncrules.line_facts import (
    AmendmentStatus,
    LineRole,
    ProductType,
    QuoteFacts,
    QuoteType,
)
from tests.rules.lines import amended, day, document_ramp, line, quote, segment, terms


def texts(values: object) -> str:
    """Decimals side by side, trailing zeros and all."""
    return " ".join(map(str, values))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("quantity", "unit_price", "months", "expected"),
    [
        ("10", "1200", 12, "12000.00"),
        ("10", "100", 1, "12000.00"),
        ("10", "300", 3, "12000.00"),
        ("10", "600", 6, "12000.00"),
        ("1", "1000", 7, "1714.29"),
        ("1", "3600", 36, "1200.00"),
        ("3", "33.3333", 1, "1200.00"),
        ("0.5", "0.0101", 12, "0.01"),
        ("1", "0.005", 12, "0.01"),
        ("0", "1200", 12, "0.00"),
        ("99999999999999", "99999999999999", 1, "119999999999997600000000000012.00"),
    ],
)
def test_the_price_of_a_billing_period_becomes_that_of_a_year(
    quantity: str, unit_price: str, months: int, expected: str
) -> None:
    one = line(quantity=Decimal(quantity), unit_price=Decimal(unit_price), billing_months=months)
    assert str(arr.normalised_arr(one)) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ProductType.ADVANCE, "12000.00"),
        (ProductType.ARREARS, "12000.00"),
        (ProductType.MIN_COMMIT, "12000.00"),
        (ProductType.USAGE, "0.00"),
        (ProductType.ONETIME, "0.00"),
        (ProductType.ONETIME_PREPAID_CREDIT, "0.00"),
    ],
)
def test_only_what_is_promised_year_after_year_recurs(kind: ProductType, expected: str) -> None:
    assert str(arr.normalised_arr(line(type=kind))) == expected


def test_a_price_that_covers_no_months_is_a_one_time_charge() -> None:
    assert arr.normalised_arr(line(billing_months=0)) == 0


def test_a_line_without_a_product_is_not_known_to_recur() -> None:
    assert arr.normalised_arr(line(product=None)) == 0


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2026-12-31", 12000),
        ("2027-01-31", 12000),
        ("2026-12-30", 0),
        (None, 12000),
    ],
)
def test_only_a_line_that_reaches_the_end_of_the_contract_contributes(
    end: str | None, expected: int
) -> None:
    assert arr.contributing_arr(line(start="2026-03-01", end=end)) == expected


def test_a_line_that_begins_after_the_contract_contributes_nothing() -> None:
    assert arr.contributing_arr(line(start="2027-01-01", end="2027-12-31")) == 0


def test_without_a_contract_end_a_dated_line_cannot_be_judged() -> None:
    open_ended = terms(contract_end=None)
    assert arr.contributing_arr(line(quote=open_ended, end="2026-12-31")) is None
    assert arr.incremental_arr(line(quote=open_ended, end="2026-12-31")) is None
    assert arr.year_arr(line(quote=open_ended), 1) is None


def test_without_contract_dates_a_line_as_long_as_the_contract_still_contributes() -> None:
    undated = terms(contract_start=None, contract_end=None)
    assert arr.contributing_arr(line(quote=undated)) == 12000
    assert arr.contributing_arr(line(quote=undated, type=ProductType.ONETIME)) == 0
    assert arr.year_arr(line(quote=undated, type=ProductType.ONETIME), 1) == 0


@pytest.mark.parametrize(
    ("status", "changes", "expected"),
    [
        (AmendmentStatus.ADDED, {"previous_arr": Decimal(0)}, "12000.00"),
        (AmendmentStatus.UPDATED, {"quantity": Decimal(15)}, "6000.00"),
        (AmendmentStatus.UPDATED, {"quantity": Decimal(8)}, "-2400.00"),
        (AmendmentStatus.UPDATED, {"end": day("2026-06-30")}, "-12000.00"),
        (AmendmentStatus.NO_CHANGE, {}, "0.00"),
        (AmendmentStatus.REMOVED, {"quantity": Decimal(0)}, "-12000.00"),
        (AmendmentStatus.REMOVED, {"quantity": Decimal(10)}, "-12000.00"),
        (AmendmentStatus.NO_CHANGE, {"role": LineRole.REFERENCE}, "0.00"),
    ],
)
def test_incremental_is_what_the_line_contributes_now_less_what_it_did_before(
    status: AmendmentStatus, changes: dict[str, object], expected: str
) -> None:
    assert str(arr.incremental_arr(amended(status, **changes))) == expected


def test_a_new_quote_that_renews_is_measured_against_what_was_there() -> None:
    renewal = line(quote=terms(type=QuoteType.RENEWAL), previous_arr=Decimal("11428.57"))
    assert str(arr.incremental_arr(renewal)) == "571.43"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # one year, and less: the contract's end is the year's
        ("2026-01-01", "2026-12-31", "12000.00 0.00 0.00"),
        ("2026-04-15", "2027-04-14", "12000.00 0.00 0.00"),
        ("2026-11-01", "2027-01-31", "12000.00 0.00 0.00"),
        # a day more begins the second year
        ("2026-01-01", "2027-01-01", "12000.00 12000.00 0.00"),
        # odd terms
        ("2026-01-01", "2027-02-28", "12000.00 12000.00 0.00"),
        ("2026-07-01", "2029-01-31", "12000.00 12000.00 12000.00"),
        ("2026-01-01", "2030-12-31", "12000.00 12000.00 12000.00"),
        # leap years: within the contract, at its end, at its start by either reading
        ("2027-03-01", "2028-02-29", "12000.00 0.00 0.00"),
        ("2027-02-28", "2028-02-27", "12000.00 0.00 0.00"),
        ("2028-02-29", "2029-02-28", "12000.00 0.00 0.00"),
        ("2028-02-29", "2029-02-27", "12000.00 0.00 0.00"),
        ("2028-02-29", "2029-03-01", "12000.00 12000.00 0.00"),
        ("2028-02-29", "2032-02-28", "12000.00 12000.00 12000.00"),
        ("9999-01-01", "9999-12-30", "12000.00 0.00 0.00"),
    ],
)
def test_a_flat_line_brings_the_same_in_each_year_that_the_contract_begins(
    start: str, end: str, expected: str
) -> None:
    flat = quote(line(start=start, end=end), contract_start=day(start), contract_end=day(end))
    assert texts(arr.profile(flat).lines[0].figures.years) == expected


def test_a_line_that_ends_a_day_before_a_leap_contract_brings_nothing_in_its_only_year() -> None:
    leap = terms(contract_start=day("2028-02-29"), contract_end=day("2029-02-28"))
    assert arr.year_arr(line(quote=leap, end="2029-02-27"), 1) == 0
    assert arr.contributing_arr(line(quote=leap, end="2029-02-27")) == 0


@pytest.mark.parametrize("boundary", ["2029-02-27", "2029-02-28"])
def test_segments_that_change_at_a_leap_days_anniversary_count_by_either_reading(
    boundary: str,
) -> None:
    next_day = (day(boundary) + timedelta(days=1)).isoformat()
    ramp = quote(
        segment(1, 1, "2028-02-29", boundary, amount=1200),
        segment(2, 2, next_day, "2030-02-27", amount=2400),
        contract_start=day("2028-02-29"),
        contract_end=day("2030-02-27"),
    )
    assert texts(arr.profile(ramp).totals.years) == "1200.00 2400.00 0.00"


def test_a_ramp_over_three_years_shows_each_year_apart() -> None:
    ramp = quote(
        segment(1, 1, "2026-05-01", "2027-04-30", amount=1200),
        segment(2, 5, "2027-05-01", "2028-04-30", amount=6000),
        segment(3, 10, "2028-05-01", "2029-04-30", amount=12000),
        contract_start=day("2026-05-01"),
        contract_end=day("2029-04-30"),
    )
    totals = arr.profile(ramp).totals
    assert texts(totals.years) == "1200.00 6000.00 12000.00"
    assert totals.contributing == 12000


def test_what_an_amendment_removed_brings_nothing_in_any_year() -> None:
    assert arr.year_arr(amended(AmendmentStatus.REMOVED), 1) == 0


def test_a_fourteen_month_ramp_counts_its_last_segment_in_the_second_year() -> None:
    ramp = quote(
        segment(1, 1, "2026-01-01", "2026-06-30", amount=600),
        segment(2, 2, "2026-07-01", "2027-01-31", amount=1400),
        segment(3, 3, "2027-02-01", "2027-02-28", amount=300),
        contract_end=day("2027-02-28"),
    )
    assert texts(arr.profile(ramp).totals.years) == "2400.00 3600.00 0.00"


def test_reference_rows_have_no_part_in_the_totals() -> None:
    reference = line(mn_id="qtitm_ref", role=LineRole.REFERENCE)
    with_reference = quote(*document_ramp().lines, reference)
    assert arr.profile(with_reference) == arr.profile(document_ramp())


def test_a_total_that_lacks_a_part_is_unknown_while_the_others_stand() -> None:
    some = quote(line(end="2026-12-31"), line(mn_id="qtitm_2"), contract_end=None)
    totals = arr.profile(some).totals
    assert totals.amount == totals.normalised == 24000
    assert (totals.contributing, totals.incremental, totals.years) == (None, None, (None,) * 3)


def test_currencies_are_never_mixed() -> None:
    mixed = QuoteFacts(terms(), (line(), line(mn_id="qtitm_2", quote=terms(currency="EUR"))))
    with pytest.raises(arr.CurrenciesMixed, match=r"quote_1 is in USD, lines in \{'EUR'\}"):
        arr.profile(mixed)


def test_a_profile_is_kept_as_json_without_loss() -> None:
    profile = arr.profile(document_ramp())
    assert from_json(arr.ArrProfile, to_json(profile)) == profile
    assert from_json(QuoteFacts, to_json(document_ramp())) == document_ramp()
