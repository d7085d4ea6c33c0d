"""Every reason for what becomes of one quote line: what it means, what to do, and who does that.

The codes are stored beside previews and pushes and never change once released. docs/products.md
lists each; a test compares the two.
"""

from __future__ import annotations

from typing import Final

from syncrules.line_reasons.codes import LineOutcome, LineReason
from syncrules.line_reasons.wording import FAILS, GOES, STAYS_AWAY, LineReasonText

__all__ = ["CATALOGUE", "LineOutcome", "LineReason", "LineReasonText", "describe"]

CATALOGUE: Final[dict[LineReason, LineReasonText]] = {**GOES, **STAYS_AWAY, **FAILS}


def describe(reason: LineReason) -> LineReasonText:
    """The reason in words."""
    return CATALOGUE[reason]
