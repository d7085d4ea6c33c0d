"""What becomes of a push after a failure: again, later, or set aside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.reasons import Outcome, Reason, describe
from syncrules.retry import (
    LARGEST_BATCH,
    MAX_ATTEMPTS,
    MAX_STRIKES,
    Afterwards,
    Call,
    Next,
    Trouble,
    Whole,
    after_trouble,
    company,
    is_to_be_quarantined,
    pause,
)

CAP = timedelta(minutes=10)
JITTER = st.floats(min_value=0, max_value=1, exclude_max=True)
ATTEMPTS = st.integers(min_value=0, max_value=10_000)

FIRST_TIME = {
    Trouble.UNAVAILABLE: Afterwards(
        Next.RETRY, Reason.WILL_BE_RETRIED, timedelta(seconds=1), is_strike=True
    ),
    Trouble.RECORD_BUSY: Afterwards(
        Next.RETRY, Reason.WILL_BE_RETRIED, timedelta(seconds=1), burns_attempt=True
    ),
    Trouble.CROWDED: Afterwards(Next.RETRY, Reason.WILL_BE_RETRIED, timedelta(seconds=1)),
    Trouble.LIMIT_REACHED: Afterwards(Next.RETRY, Reason.API_LIMIT_REACHED, timedelta(seconds=1)),
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
    trouble=st.sampled_from(
        [Trouble.UNAVAILABLE, Trouble.CROWDED, Trouble.LIMIT_REACHED, Trouble.MISCONFIGURED]
    ),
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


# --- Calls that fail as a whole ------------------------------------------------------------------


TOGETHER = Whole(Call.WRITE, 200)
ALONE = Whole(Call.WRITE, 1)


@pytest.mark.parametrize(
    "trouble", [Trouble.UNAVAILABLE, Trouble.RECORD_BUSY, Trouble.REJECTED, Trouble.UNKNOWN]
)
def test_a_call_that_failed_as_a_whole_blames_nobody_and_divides_the_batch(
    trouble: Trouble,
) -> None:
    afterwards = after_trouble(trouble, attempts=0, jitter=0.5, whole=TOGETHER)

    assert (afterwards.next, afterwards.is_strike) == (Next.RETRY, True)
    assert not afterwards.burns_attempt


@pytest.mark.parametrize("call", Call)
@pytest.mark.parametrize("trouble", [Trouble.CROWDED, Trouble.LIMIT_REACHED, Trouble.MISCONFIGURED])
def test_trouble_of_the_connection_is_nobodys_fault(trouble: Trouble, call: Call) -> None:
    assert not after_trouble(trouble, attempts=0, jitter=0.5, whole=Whole(call, 200)).is_strike


@pytest.mark.parametrize("call", [Call.READ, Call.WRITE])
def test_a_refusal_of_one_alone_is_its_own(call: Call) -> None:
    afterwards = after_trouble(Trouble.REJECTED, attempts=0, jitter=0.5, whole=Whole(call, 1))

    assert (afterwards.next, afterwards.is_strike) == (Next.PARK, False)


@pytest.mark.parametrize("call", [Call.READ, Call.WRITE])
def test_an_answer_without_sense_is_nobodys_fault_even_where_one_travels_alone(call: Call) -> None:
    afterwards = after_trouble(Trouble.UNKNOWN, attempts=0, jitter=0.5, whole=Whole(call, 1))

    assert (afterwards.next, afterwards.is_strike) == (Next.RETRY, True)


def test_an_outage_that_meets_one_alone_still_is_no_refusal() -> None:
    afterwards = after_trouble(Trouble.UNAVAILABLE, attempts=0, jitter=0.5, whole=ALONE, strikes=4)

    assert (afterwards.next, afterwards.is_strike) == (Next.RETRY, True)


@pytest.mark.parametrize("call", [Call.READ, Call.READ_BACK])
def test_an_outage_during_which_only_was_read_divides_no_batch(call: Call) -> None:
    afterwards = after_trouble(Trouble.UNAVAILABLE, attempts=0, jitter=0.5, whole=Whole(call, 200))

    assert (afterwards.next, afterwards.is_strike) == (Next.RETRY, False)


@pytest.mark.parametrize("trouble", [Trouble.RECORD_BUSY, Trouble.REJECTED, Trouble.UNKNOWN])
def test_a_read_that_failed_as_a_whole_sets_nobody_aside(trouble: Trouble) -> None:
    afterwards = after_trouble(trouble, attempts=0, jitter=0.5, whole=Whole(Call.READ, 200))

    assert (afterwards.next, afterwards.is_strike) == (Next.RETRY, True)


@pytest.mark.parametrize("pushes", [1, 200])
@given(trouble=st.sampled_from(Trouble), attempts=ATTEMPTS)
def test_what_was_accepted_is_never_set_aside_because_it_could_not_be_read_back(
    pushes: int, trouble: Trouble, attempts: int
) -> None:
    whole = Whole(Call.READ_BACK, pushes)
    afterwards = after_trouble(trouble, attempts=attempts, jitter=0.5, whole=whole)

    assert afterwards.next is not Next.PARK
    assert not afterwards.burns_attempt
    assert not afterwards.is_strike


def test_a_batch_is_divided_until_everybody_is_alone() -> None:
    assert [company(strikes) for strikes in range(MAX_STRIKES + 1)] == [1000, 200, 40, 8, 1, 1]
    assert company(0) == LARGEST_BATCH


def test_what_fails_alone_while_others_go_through_is_set_aside() -> None:
    assert not is_to_be_quarantined(MAX_STRIKES - 1, others_went_through=True)
    assert not is_to_be_quarantined(MAX_STRIKES, others_went_through=False)
    assert is_to_be_quarantined(MAX_STRIKES, others_went_through=True)


# --- Pauses of the connection --------------------------------------------------------------------

PAUSES = {
    Trouble.UNAVAILABLE: (2, 120),
    Trouble.UNKNOWN: (2, 120),
    Trouble.CROWDED: (5, 30),
    Trouble.LIMIT_REACHED: (60, 900),
}


@pytest.mark.parametrize("trouble", PAUSES)
def test_a_pause_doubles_with_every_failure_up_to_its_longest(trouble: Trouble) -> None:
    first, longest = PAUSES[trouble]
    pauses = [pause(trouble, failures=count, jitter=1 - 1e-9) for count in (1, 2, 50)]

    assert [round(each.total_seconds()) for each in pauses if each] == [first, 2 * first, longest]


@given(trouble=st.sampled_from(sorted(PAUSES)), failures=st.integers(min_value=1), jitter=JITTER)
def test_a_pause_is_at_least_half_of_what_it_may_be(
    trouble: Trouble, failures: int, jitter: float
) -> None:
    found = pause(trouble, failures=failures, jitter=jitter)
    longest = pause(trouble, failures=failures, jitter=1)

    assert found is not None
    assert longest is not None
    assert longest / 2 <= found <= longest


@pytest.mark.parametrize("trouble", sorted(set(Trouble) - set(PAUSES)))
def test_trouble_of_a_record_pauses_nothing(trouble: Trouble) -> None:
    assert pause(trouble, failures=1, jitter=0.5) is None
