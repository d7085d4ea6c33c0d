"""ARR on many quotes: parts sum to wholes, in any order, however a line is cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules import arr
from syncrules.line_facts import (
    AmendmentStatus,
    LineFacts,
    LineRole,
    ProductType,
    QuoteFacts,
    QuoteType,
)
from tests.rules.lines import line, product, quote

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
MONEY = st.decimals(min_value=0, max_value=10**6, places=4)


@st.composite
def lines(draw: st.DrawFn) -> LineFacts:
    start, end = sorted((draw(DAYS), draw(DAYS)))
    return line(
        mn_id=f"qtitm_{draw(st.integers(0, 10**9))}",
        quantity=draw(MONEY),
        unit_price=draw(MONEY),
        billing_months=draw(st.sampled_from((0, 1, 3, 6, 7, 12, 60))),
        amount=draw(st.decimals(min_value=-(10**6), max_value=10**6, places=2)),
        start=draw(st.none() | st.just(start)),
        end=draw(st.none() | st.just(end)),
        product=draw(st.none() | st.sampled_from(list(map(product, ProductType)))),
        amendment_status=draw(st.sampled_from(AmendmentStatus)),
        role=draw(st.sampled_from(LineRole)),
        previous_arr=draw(MONEY),
    )


@st.composite
def quotes(draw: st.DrawFn) -> QuoteFacts:
    start, end = sorted((draw(DAYS), draw(DAYS)))
    of_quote = draw(st.lists(lines(), max_size=6, unique_by=lambda each: each.mn_id))
    kind = draw(st.sampled_from(QuoteType))
    return quote(*of_quote, contract_start=start, contract_end=end, type=kind)


@settings(deadline=None)
@given(quotes(), st.randoms(use_true_random=False))
def test_parts_sum_to_wholes_in_any_order(of_lines: QuoteFacts, chance: Random) -> None:
    profile = arr.profile(of_lines)
    parts = [each.figures for each in profile.lines]
    assert profile.totals.normalised == sum(part.normalised for part in parts)
    assert profile.totals.contributing == sum(part.contributing or 0 for part in parts)
    assert profile.totals.incremental == sum(part.incremental or 0 for part in parts)
    for position, whole in enumerate(profile.totals.years):
        assert whole == sum(part.years[position] or 0 for part in parts)
    shuffled = list(of_lines.lines)
    chance.shuffle(shuffled)
    assert arr.profile(replace(of_lines, lines=tuple(shuffled))) == profile


@settings(deadline=None)
@given(lines(), DAYS, DAYS)
def test_normalised_arr_is_the_same_however_long_the_line_spans(
    one: LineFacts, a: date, b: date
) -> None:
    assert arr.normalised_arr(replace(one, start=a, end=b)) == arr.normalised_arr(one)


@settings(deadline=None)
@given(DAYS, st.integers(0, 5 * 366), st.lists(st.integers(1, 5 * 366), max_size=4))
def test_cutting_a_line_into_segments_changes_neither_arr_nor_years(
    start: date, length: int, cuts: list[int]
) -> None:
    end = start + timedelta(days=length)
    begins = sorted({start, *(start + timedelta(days=cut) for cut in cuts if cut <= length)})
    ends = [*(begin - timedelta(days=1) for begin in begins[1:]), end]
    segments = [
        line(mn_id=f"qtitm_{number}", start=first, end=last)
        for number, (first, last) in enumerate(zip(begins, ends, strict=True))
    ]
    contract = {"contract_start": start, "contract_end": end}
    whole = arr.profile(quote(line(), **contract)).totals
    cut = arr.profile(quote(*segments, **contract)).totals
    assert (cut.contributing, cut.incremental, cut.years) == (
        whole.contributing,
        whole.incremental,
        whole.years,
    )
    assert cut.normalised == len(segments) * whole.normalised


@settings(deadline=None)
@given(DAYS, st.integers(0, 364), lines())
def test_in_a_contract_of_up_to_a_year_the_first_year_is_what_contributes(
    start: date, length: int, one: LineFacts
) -> None:
    contract = {"contract_start": start, "contract_end": start + timedelta(days=length)}
    first, *later = arr.profile(quote(one, **contract)).totals.years
    assert first == arr.profile(quote(one, **contract)).totals.contributing
    assert not any(later)
