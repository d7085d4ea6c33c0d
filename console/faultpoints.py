"""Named places where a test makes a process die, fail, wait or stand still.

Nothing happens unless the environment variable FAULTPOINTS names the place when the process
starts: `after_http=kill`, `before_http=sleep:3@2` (the second time only), several with commas.
Actions: `kill`, `segfault`, `raise`, `stop` (SIGSTOP), `sleep:SECONDS`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from dataclasses import dataclass
from typing import Final


class ScriptedFault(Exception):
    """What `raise` raises."""


@dataclass(slots=True)
class _Rule:
    action: str
    only_at: int | None
    reached: int = 0

    def fires(self) -> bool:
        self.reached += 1
        return self.only_at is None or self.reached == self.only_at


def _parsed(text: str) -> dict[str, _Rule]:
    rules = {}
    for part in filter(None, text.split(",")):
        place, _, what = part.partition("=")
        action, _, only_at = what.partition("@")
        rules[place.strip()] = _Rule(action, int(only_at) if only_at else None)
    return rules


_rules: Final = _parsed(os.environ.get("FAULTPOINTS", ""))


def faultpoint(*places: str) -> None:
    """Marks a place between two steps that a crash may separate. It may have several names."""
    if not _rules:
        return
    for place in places:
        rule = _rules.get(place)
        if rule is not None and rule.fires():
            _happen(rule.action, place)


def _happen(action: str, place: str) -> None:
    name, _, argument = action.partition(":")
    match name:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "segfault":
            ctypes.string_at(0)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "sleep":
            time.sleep(float(argument))
        case "raise":
            raise ScriptedFault(place)
        case _:
            raise ValueError(f"FAULTPOINTS: unknown action {action!r} at {place}")
