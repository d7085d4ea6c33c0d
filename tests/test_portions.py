"""How much goes at a time."""

from __future__ import annotations

import pytest

from console import portions


@pytest.mark.parametrize(
    ("most", "write_ms", "records"),
    [
        (2000, None, 2000),
        (2000, 0.1, 2000),
        (2000, 2, 1400),
        (2000, 3.1, 800),
        (2000, 14, 200),
        (2000, 5000, 200),
    ],
)
def test_as_many_whole_collections_as_are_written_in_three_seconds(
    most: int, write_ms: float | None, records: int
) -> None:
    assert portions.records_in_time(most, write_ms=write_ms) == records


@pytest.mark.parametrize(
    ("sizes", "portion"),
    [
        ([], []),
        ([1, 2, 3], [1, 2, 3]),
        ([3, 3, 1], [3, 3]),
        ([5, 2, 1], [5]),
        ([9, 1], [9]),
        ([0, 9, 0], [0]),
    ],
)
def test_the_first_go_as_far_as_they_fit_and_nobody_is_passed_over(
    sizes: list[int], portion: list[int]
) -> None:
    assert portions.first(sizes, size=int, most=6) == portion
