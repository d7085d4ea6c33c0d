"""A clock that is wrong, for the Python process that finds this folder on its path.

The file that CLOCK names holds the seconds by which it is ahead, and may change at any time. Only
the time of day is wrong: what measures how long something takes is not.
"""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path
from typing import Any

_right_time = time.time
_right_datetime = datetime.datetime
_ahead = Path(os.environ["CLOCK"])


def _time() -> float:
    return _right_time() + float(_ahead.read_text())


class _Kind(type(_right_datetime)):  # type: ignore[misc]
    """Every datetime is one of ours too: drivers make theirs without asking."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _right_datetime)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, _right_datetime)


class _Datetime(_right_datetime, metaclass=_Kind):
    """Makes plain datetimes; only what asks for the present moment is told the wrong one."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return _right_datetime(*args, **kwargs)

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return _right_datetime.fromtimestamp(_time(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return _right_datetime.fromtimestamp(_time(), datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        return cls.now()


time.time = _time
datetime.datetime = _Datetime  # type: ignore[misc]
