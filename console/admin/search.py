"""What was typed into a search box: an id of either side, a pasted address, or words?"""

from __future__ import annotations

from dataclasses import dataclass

from syncrules import salesforce_id as salesforce_ids


@dataclass(frozen=True, slots=True)
class Term:
    """`salesforce_id` is set when the text is or contains one, `number` when it is a number."""

    text: str
    salesforce_id: str | None
    number: int | None


def read(text: str) -> Term:
    text = text.strip()[:500]
    try:
        found = salesforce_ids.from_pasted(text)
    except salesforce_ids.InvalidSalesforceId:
        found = None
    # More digits than a row id can have are an id of somebody else's.
    is_number = text.isdecimal() and len(text) <= 18
    return Term(text, found, int(text) if is_number else None)
