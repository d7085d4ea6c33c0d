"""Who may still call Salesforce, and when there is room for a backlog."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.api_budget import (
    HOURS,
    Allowance,
    Budget,
    Urgency,
    Usage,
    budget,
    calls_for,
    hours_until,
)

HALF = Allowance(share_percent=50, reserve_percent=10)
NOTHING = [0] * HOURS


def spent(calls: int, *, maximum: int | None = 10_000, used: int | None = None) -> Usage:
    """So many calls in the present hour."""
    return Usage([*NOTHING[1:], calls], used, maximum)


def may(now: Budget) -> list[Urgency]:
    return [urgency for urgency in Urgency if now.allows(urgency)]


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (0, list(Urgency)),
        (3_999, list(Urgency)),
        (4_000, [Urgency.CLICK, Urgency.EVENT]),
        (4_499, [Urgency.CLICK, Urgency.EVENT]),
        (4_500, [Urgency.CLICK]),
        (4_999, [Urgency.CLICK]),
        (5_000, []),
        (9_000, []),
    ],
)
def test_the_less_urgent_leaves_a_reserve_to_the_more_urgent(
    calls: int, expected: list[Urgency]
) -> None:
    """Half of 10,000 calls, and a tenth of these for each more urgent kind."""
    assert may(budget(spent(calls), HALF)) == expected


def test_before_salesforce_has_told_its_allocation_everybody_may() -> None:
    now = budget(spent(123, maximum=None), HALF)

    assert may(now) == list(Urgency)
    assert (now.limit, now.spent, now.left(Urgency.CLICK)) == (None, 123, None)


@pytest.mark.parametrize(("used", "is_at_the_brim"), [(9_499, False), (9_500, True)])
def test_when_all_clients_together_are_at_the_brim_nobody_makes_it_worse(
    used: int, *, is_at_the_brim: bool
) -> None:
    now = budget(spent(0, used=used), HALF)

    assert now.is_at_the_brim is is_at_the_brim
    assert may(now) == ([] if is_at_the_brim else list(Urgency))


@pytest.mark.parametrize(
    ("links", "products", "calls"),
    [
        (0, 0, 0),
        (1, 0, 3),
        (1_000, 0, 3),
        (1_001, 0, 6),
        (0, 1, 4),
        (0, 400, 8),
        (5_000, 5_000, 115),
    ],
)
def test_calls_by_the_thousand_links_and_two_hundred_products(
    links: int, products: int, calls: int
) -> None:
    assert calls_for(links=links, products=products) == calls


def test_what_fits_goes_now() -> None:
    hours = hours_until(100, usage=spent(3_900), allowance=HALF, urgency=Urgency.BULK)

    assert hours == 0


def test_what_does_not_fit_goes_when_earlier_calls_leave_the_window() -> None:
    by_hour = [*NOTHING]
    by_hour[2], by_hour[5], by_hour[-1] = 1_000, 1_000, 2_000
    usage = Usage(by_hour, None, 10_000)

    def wait(calls: int) -> int | None:
        return hours_until(calls, usage=usage, allowance=HALF, urgency=Urgency.BULK)

    assert [wait(calls) for calls in (0, 1, 1_000, 1_001, 2_000)] == [0, 3, 3, 6, 6]
    assert wait(2_001) == HOURS
    assert wait(4_001) is None


def test_at_the_brim_no_time_can_be_told() -> None:
    usage = spent(0, used=9_900)

    assert hours_until(1, usage=usage, allowance=HALF, urgency=Urgency.CLICK) is None


@given(
    ours=st.lists(st.integers(0, 2_000), min_size=HOURS, max_size=HOURS),
    share=st.integers(1, 100),
    reserve=st.integers(0, 45),
    maximum=st.integers(1, 100_000),
)
def test_the_more_urgent_never_has_less(
    ours: list[int], share: int, reserve: int, maximum: int
) -> None:
    now = budget(Usage(ours, None, maximum), Allowance(share, reserve))
    left = [now.left(urgency) or 0 for urgency in Urgency]

    assert left == sorted(left, reverse=True)
    assert sum(ours) + left[0] <= max(maximum, sum(ours))
