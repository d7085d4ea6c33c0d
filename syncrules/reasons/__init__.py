"""Every reason a flow can end with: what it means, what to do about it, and who does that.

The codes are stored in the sync log and never change once released. `docs/reasons.md` has a
heading for each; a test compares the two.
"""

from __future__ import annotations

from typing import Final

from syncrules.reasons.codes import Outcome, Owner, Reason
from syncrules.reasons.guards import GUARDS
from syncrules.reasons.progress import PROGRESS
from syncrules.reasons.scenarios import SCENARIOS
from syncrules.reasons.wording import ReasonText

__all__ = ["CATALOGUE", "Outcome", "Owner", "Reason", "ReasonText", "describe"]

CATALOGUE: Final[dict[Reason, ReasonText]] = {**SCENARIOS, **GUARDS, **PROGRESS}


def describe(reason: Reason) -> ReasonText:
    """The reason in words."""
    return CATALOGUE[reason]
