"""Which Salesforce record does an opportunity write to, and how is that known?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncrules.facts import LocalOpportunity, Pairing


class ResolvedBy(StrEnum):
    """Which of the three steps found the Salesforce record."""

    ASSOCIATION = "association"
    CREATION_REFERENCE = "creation_reference"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Located:
    """The record to write to, and how it was found. Nothing found: no id."""

    resolved_by: ResolvedBy
    salesforce_id: str | None


def locate(opportunity: LocalOpportunity, pairing: Pairing | None) -> Located:
    """Whom to write to: the stored association, else the record referenced at creation."""
    if pairing is not None:
        return Located(ResolvedBy.ASSOCIATION, pairing.salesforce_id)
    if opportunity.creation_reference is not None:
        return Located(ResolvedBy.CREATION_REFERENCE, opportunity.creation_reference)
    return Located(ResolvedBy.NOTHING, None)
