"""What the database lets go of for a moment is told it again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import InterfaceError, OperationalError, connection

_PAUSES_SECONDS: Final = (0.2, 1.0)
_T = TypeVar("_T")


def durably(act: Callable[[], _T]) -> _T:
    """What `act` gives; tried again when the database lets go of it.

    For transactions and statements that may be repeated, on their own. A deadlock passes by itself,
    a lost connection is replaced by a new one, a server that starts again is back in a moment.
    """
    for pause in _PAUSES_SECONDS:
        try:
            return act()
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(pause)
    return act()


def is_of_a_lost_database(error: Exception) -> bool:
    """Whether everybody who asks next would meet it too; a statement that was cancelled, or chosen
    by a deadlock, is its own affair."""
    return isinstance(error, (OperationalError, InterfaceError)) and not connection.is_usable()
