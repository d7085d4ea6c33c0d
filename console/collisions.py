"""Transactions that get in each other's way: the loser tries again, then a person is told.

Source: PostgreSQL manual, "PostgreSQL Error Codes", classes 40 and 55.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from django.db import OperationalError, connection

_COLLISIONS: Final = frozenset({"40001", "40P01", "55P03"})
"""Serialization failure, deadlock, lock not available."""
_TRIES: Final = 3

_P = ParamSpec("_P")
_T = TypeVar("_T")


def is_collision(error: BaseException | None) -> bool:
    """Whether the database undid a transaction only because of another one at the same moment."""
    cause = error.__cause__ if isinstance(error, OperationalError) else None
    return getattr(cause, "sqlstate", None) in _COLLISIONS


def tried_again(attempt: Callable[_P, _T]) -> Callable[_P, _T]:
    """A flow whose one transaction may be repeated, and is, when it collided with another's.

    Inside somebody else's transaction there is nothing left to repeat: that one is undone as well.
    """

    @functools.wraps(attempt)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        for _ in range(_TRIES - 1):
            try:
                return attempt(*args, **kwargs)
            except OperationalError as error:
                if connection.in_atomic_block or not is_collision(error):
                    raise
        return attempt(*args, **kwargs)

    return run
