"""Where the sample's variety and its ids come from: one fixed seed, never the clock."""

from __future__ import annotations

import random
import string
from collections import Counter
from typing import Final

from syncrules import salesforce_id

SEED: Final = "opportunity-sync-console"

_BASE62: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
# Keeps these ids apart from those that the local org gives to records made later.
_POD: Final = "Dm0"


def stream(name: str) -> random.Random:
    """A source of choices of its own: what one part draws does not shift another part."""
    return random.Random(f"{SEED}:{name}")  # noqa: S311 - believable, not secret


class Ids:
    """Gives out ids of both sides, the same ones in every run."""

    def __init__(self) -> None:
        self._random = stream("ids")
        self._given: Counter[str] = Counter()

    def mn(self, kind: str) -> str:
        """The next MonetizeNow id, such as opp_4hT09aLq2Zbc."""
        return f"{kind}_{''.join(self._random.choices(_BASE62, k=12))}"

    def salesforce(self, prefix: str) -> str:
        """The next 18-character record id of the object with this prefix."""
        self._given[prefix] += 1
        number, digits = self._given[prefix], ""
        while number:
            number, digit = divmod(number, 62)
            digits = _BASE62[digit] + digits
        return salesforce_id.to_18(f"{prefix}{_POD}{digits:0>9}")
