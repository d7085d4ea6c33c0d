"""A Salesforce opportunity as a person pasted it: which one is meant, and how it was understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from syncrules import salesforce_id

LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Pasted:
    """`salesforce_id` is None where nothing was pasted, or where `problem` says what is wrong."""

    text: str
    salesforce_id: str | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()


def read(text: str) -> Pasted:
    """The id in the text: 15 or 18 characters, lost case repaired, or a record's address."""
    text = text.strip()
    if not text:
        return Pasted(text)
    if len(text) > LONGEST:
        return Pasted(text[:60], problem=f"That is more than {LONGEST} characters long.")
    try:
        found = salesforce_id.from_pasted(text)
        found = salesforce_id.to_18(found, prefix=salesforce_id.OPPORTUNITY)
    except salesforce_id.InvalidSalesforceId as error:
        return Pasted(text, problem=f"Not a Salesforce opportunity: {error}.")
    return Pasted(text, found, notes=_notes(text, found))


def _notes(text: str, found: str) -> tuple[str, ...]:
    notes = []
    if "/" in text or "?" in text:
        notes.append("The id was taken from the address.")
    if found[:15] not in text:
        notes.append(
            "Upper and lower case were damaged and have been repaired from the last three "
            "characters of the id."
        )
    elif found not in text:
        notes.append("The 15-character form was completed to 18 characters.")
    return tuple(notes)
