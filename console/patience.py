"""An answer within a moment, or none: for what nobody's work may wait for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Answer = TypeVar("Answer")


class NoAnswer(Exception):
    """It could not be asked, or did not answer in time, or has not done so a moment ago."""


class Patience:
    """So many seconds for an answer. Who gave none is left alone for `rest` times as long as that
    took: what refuses at once costs nothing, and is asked again at once."""

    def __init__(self, *, seconds: float, rest: float) -> None:
        self._seconds = seconds
        self._rest = rest
        self._left_alone = ("", 0.0)

    def ask(self, question: Callable[[], Answer], *, of: str) -> Answer:
        """What the question gives. `of`: the address of who is asked.

        In a thread, since nothing else ends the looking up of a name, and since a question has many
        steps, each with a patience of its own.

        Errors: NoAnswer, whatever is wrong
        """
        address, until = self._left_alone
        began = time.monotonic()
        if of == address and began < until:
            raise NoAnswer("there was none a moment ago")
        answer = Future[Answer]()
        try:
            threading.Thread(target=_put, args=(question, answer), daemon=True).start()
            error = answer.exception(timeout=self._seconds)
        except TimeoutError:
            error = NoAnswer("none in time")
        except RuntimeError as no_thread:
            error = no_thread
        if error is None:
            return answer.result()
        now = time.monotonic()
        self._left_alone = (of, now + self._rest * (now - began))
        raise NoAnswer(str(error)) from error


def _put(question: Callable[[], Answer], answer: Future[Answer]) -> None:
    try:
        answer.set_result(question())
    except Exception as error:  # noqa: BLE001  raised where it was asked
        answer.set_exception(error)
