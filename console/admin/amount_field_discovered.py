"""What Salesforce has on its quote item, in words."""

from __future__ import annotations

from typing import Any, Final

from console import amount_field_discovery
from console.admin.parts import badge
from console.amount_field_discovery import Found, OrgField, Place

_PLACES: Final = {
    Place.TAKEN_UP: badge("Offered here", "good", "check_circle"),
    Place.NEW: badge("New: discover it", "info", "fiber_new"),
    Place.CHANGED: badge("Changed: discover it", "info", "update"),
    Place.NOT_OFFERED: badge("Not offered", "calm", "block"),
}


def shown() -> dict[str, Any]:
    """The fields with their place here, or why they cannot be listed."""
    try:
        fields = amount_field_discovery.look()
    except amount_field_discovery.Unreachable as error:
        return {"trouble": str(error)}
    return {"fields": [_row(each) for each in fields]}


def said(found: Found) -> str:
    """What a discovery changed."""
    parts = [
        f"{verb}: {', '.join(labels)}."
        for verb, labels in (
            ("Found", found.new),
            ("Changed in Salesforce", found.changed),
            ("Gone", found.vanished),
        )
        if labels
    ]
    return " ".join(parts) or "Salesforce has the same currency fields as before."


def _row(field: OrgField) -> dict[str, Any]:
    info = field.info
    blanks = "count as zero" if info.blanks_are_zero else "stay blank"
    return {
        "label": info.label,
        "name": info.name,
        "type": info.type,
        "formula": info.formula,
        "blanks": blanks if info.formula else "",
        "place": _PLACES[field.place],
        "why_not": field.why_not,
    }
