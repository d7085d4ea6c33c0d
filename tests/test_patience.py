"""An answer within a moment, or none: nothing that hangs is waited for, and not again at once."""

from __future__ import annotations

import threading

import pytest

from console.patience import NoAnswer, Patience


class Name:
    """One that is looked up for as long as the test likes."""

    def __init__(self) -> None:
        self.is_found = threading.Event()
        self.lookups = 0

    def look_up(self) -> str:
        self.lookups += 1
        self.is_found.wait()
        return "127.0.0.1"


def test_an_answer_is_given_and_a_fault_is_none() -> None:
    patience = Patience(seconds=60, rest=0)

    assert patience.ask(lambda: 42, of="here") == 42
    with pytest.raises(NoAnswer, match="modulo by zero") as caught:
        patience.ask(lambda: 1 // 0, of="here")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_what_hangs_is_not_waited_for_and_not_tried_again_at_once() -> None:
    patience, name = Patience(seconds=0.01, rest=1e6), Name()

    for _ in range(5):
        with pytest.raises(NoAnswer):
            patience.ask(name.look_up, of="there")

    name.is_found.set()
    assert name.lookups == 1


def test_after_the_silence_it_is_tried_again() -> None:
    patience, name = Patience(seconds=0.01, rest=0), Name()

    for _ in range(2):
        with pytest.raises(NoAnswer):
            patience.ask(name.look_up, of="there")

    name.is_found.set()
    assert name.lookups == 2


def test_somebody_else_is_asked_meanwhile() -> None:
    patience, name = Patience(seconds=1, rest=1e6), Name()
    with pytest.raises(NoAnswer):
        patience.ask(name.look_up, of="here")
    name.is_found.set()

    assert patience.ask(lambda: 42, of="there") == 42
