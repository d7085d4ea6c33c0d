"""The combined log of `manage.py up`: one line at a time, each with the name of who said it."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import Final, TextIO

_WIDTH: Final = 9
_COLOURS: Final = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)


class Output:
    """Safe to use from several threads. Coloured on a terminal, unless NO_COLOR is set."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._coloured = self._stream.isatty() and not os.environ.get("NO_COLOR")
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}

    def line(self, name: str, text: str) -> None:
        self.bare(f"{self._label(name)} {text}")

    def bare(self, text: str) -> None:
        # A reader that went away, as in `make run | head`, is no reason to stop serving.
        with self._lock, suppress(OSError):
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def _label(self, name: str) -> str:
        label = f"{name:<{_WIDTH}}|"
        if not self._coloured:
            return label
        number = self._seen.setdefault(name, len(self._seen))
        return f"\x1b[{_COLOURS[number % len(_COLOURS)]}m{label}\x1b[0m"
