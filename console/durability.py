"""What the database lets go of for a moment is told it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from django.db import InterfaceError, OperationalError, connection

_TRIES: Final = 3
_T = TypeVar("_T")


def durably(act: Callable[[], _T]) -> _T:
    """What `act` gives; tried again when the database lets go of it.

    For transactions and statements that may be repeated. A deadlock passes by itself, a lost
    connection is replaced by a new one.
    """
    for _ in range(_TRIES - 1):
        try:
            return act()
        except (OperationalError, InterfaceError):
            connection.close()
    return act()


def is_of_a_lost_database(error: Exception) -> bool:
    """Whether everybody who asks next would meet it too; a statement that was cancelled, or chosen
    by a deadlock, is its own affair."""
    return isinstance(error, (OperationalError, InterfaceError)) and not connection.is_usable()
