"""The sample data: one invented company's book, with every situation the console explains."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from console.demo.book import Book, Example
from console.demo.build import build

__all__ = ["Book", "Example", "build", "scenarios"]

_ANY_DAY = date(2026, 1, 15)


def scenarios() -> Mapping[str, tuple[Example, ...]]:
    """Where each scenario can be seen: its name -> the ids that take part.

    Ids do not depend on the day on which the sample is made.
    """
    return build(_ANY_DAY).scenarios
