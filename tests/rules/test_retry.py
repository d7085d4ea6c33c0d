"""What becomes of a push after a failure: again, later, or set aside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.reasons import Outcome, Reason, describe
from syncrules.retry import MAX_ATTEMPTS, Afterwards, Next, Trouble, after_trouble

CAP = timedelta(minutes=10)
JITTER = st.floats(min_value=0, max_value=1, exclude_max=True)
ATTEMPTS = st.integers(min_value=0, max_value=10_000)

FIRST_TIME = {
    Trouble.UNAVAILABLE: Afterwards(Next.RETRY, Reason.WILL_BE_RETRIED, timedelta(seconds=1)),
    Trouble.RECORD_BUSY: Afterwards(
        Next.RETRY, Reason.WILL_BE_RETRIED, timedelta(seconds=1), burns_attempt=True
    ),
    Trouble.LIMIT_REACHED: Afterwards(Next.RETRY, Reason.API_LIMIT_REACHED, timedelta(minutes=5)),
    Trouble.MISCONFIGURED: Afterwards(Next.HOLD, Reason.HELD_UNTIL_CONNECTED),
    Trouble.REJECTED: Afterwards(Next.PARK, Reason.REJECTED_BY_SALESFORCE, burns_attempt=True),
    Trouble.RECORD_GONE: Afterwards(Next.PARK, Reason.SALESFORCE_RECORD_GONE, burns_attempt=True),
    Trouble.UNKNOWN: Afterwards(Next.PARK, Reason.UNEXPECTED_ERROR, burns_attempt=True),
}


@pytest.mark.parametrize("trouble", Trouble)
def test_the_first_time(trouble: Trouble) -> None:
    assert after_trouble(trouble, attempts=0, jitter=0.5) == FIRST_TIME[trouble]


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 2), (1, 4), (2, 8), (3, 16), (8, 512), (9, 600), (400, 600)]
)
def test_the_longest_wait_doubles_up_to_ten_minutes(attempts: int, seconds: int) -> None:
    almost_one = after_trouble(Trouble.UNAVAILABLE, attempts=attempts, jitter=1 - 1e-9).delay

    assert round(almost_one.total_seconds(), 3) == seconds


@given(trouble=st.sampled_from(Trouble), attempts=ATTEMPTS, jitter=JITTER)
def test_the_delay_is_never_negative_nor_above_the_cap(
    trouble: Trouble, attempts: int, jitter: float
) -> None:
    delay = after_trouble(trouble, attempts=attempts, jitter=jitter).delay

    assert timedelta(0) <= delay <= CAP


@given(attempts=ATTEMPTS, jitter=JITTER)
def test_a_record_that_stays_busy_is_set_aside_in_the_end(attempts: int, jitter: float) -> None:
    afterwards = after_trouble(Trouble.RECORD_BUSY, attempts=attempts, jitter=jitter)

    is_last = attempts + 1 >= MAX_ATTEMPTS
    assert afterwards.next is (Next.PARK if is_last else Next.RETRY)
    assert (afterwards.reason is Reason.RETRIES_EXHAUSTED) is is_last
    assert afterwards.burns_attempt


@given(
    trouble=st.sampled_from([Trouble.UNAVAILABLE, Trouble.LIMIT_REACHED, Trouble.MISCONFIGURED]),
    attempts=ATTEMPTS,
    jitter=JITTER,
)
def test_trouble_that_is_not_the_records_own_never_burns_an_attempt(
    trouble: Trouble, attempts: int, jitter: float
) -> None:
    """An org that is down for a day must not set every push aside."""
    afterwards = after_trouble(trouble, attempts=attempts, jitter=jitter)

    assert not afterwards.burns_attempt
    assert afterwards.next is not Next.PARK


@given(trouble=st.sampled_from(Trouble), attempts=ATTEMPTS, jitter=JITTER)
def test_what_goes_out_later_is_deferred_and_what_is_set_aside_has_failed(
    trouble: Trouble, attempts: int, jitter: float
) -> None:
    afterwards = after_trouble(trouble, attempts=attempts, jitter=jitter)

    is_parked = afterwards.next is Next.PARK
    expected = Outcome.FAILED if is_parked else Outcome.DEFERRED
    assert describe(afterwards.reason).outcome is expected
