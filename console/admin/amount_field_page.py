"""One version of a custom Currency field: what computes it, who uses it, how it came to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from console import amount_field_uses
from console.actor import Actor
from console.admin import rights
from console.admin.base import page_of
from console.admin.parts import ago, at, badge, code, link
from console.admin.rights import Control
from console.models import AmountField
from syncrules.formula import CompileError

COMPILES = badge("Compiles", "good", "check_circle")
BROKEN = badge("Does not compile", "bad", "error")
IN_FORCE = badge("Amounts come from it", "good", "payments")
OF_SALESFORCE = badge("Field of Salesforce", "info", "cloud")
WRITTEN_HERE = badge("Formula written here", "info", "function")
_WORD: Final = re.compile(r"\s+|\w+|\W")
_MOST_VERSIONS: Final = 50


def context(request: HttpRequest, field: AmountField) -> dict[str, Any]:
    """Everything the page shows."""
    versions = list(
        AmountField.objects.filter(name=field.name).order_by("-version")[:_MOST_VERSIONS]
    )
    uses = amount_field_uses.uses(field.name, reader=Actor.of_user(request.user))
    problem = amount_field_uses.problem(field) if field.is_current else None
    latest = versions[0]
    return {
        "headline": field.label,
        "badges": list(_badges(field, uses, problem)),
        "controls": _controls(request, field, latest),
        "about": _about(field),
        "problem": problem,
        "uses": uses,
        "uses_pages": [(row.label, page_of(row)) for row in uses.formulas],
        "broken_pins": [each for each in uses.pins if not each.holds],
        "latest": None if latest.pk == field.pk else {"row": latest, "page": page_of(latest)},
        "history": _history(versions, field),
        "is_discovered": field.kind == AmountField.Kind.DISCOVERED,
    }


def marked(before: str, after: str) -> list[tuple[str, str]]:
    """The text with what changed, word by word. Shape: (`same`, `out` or `in`; text)."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("same", "".join(old[a:b])))
            continue
        pieces += [(how, "".join(words)) for how, words in (("out", old[a:b]), ("in", new[c:d]))]
    return [(how, text) for how, text in pieces if text]


def _badges(
    field: AmountField, uses: amount_field_uses.Uses, problem: CompileError | None
) -> Iterator[Any]:
    is_formula = field.kind == AmountField.Kind.FORMULA
    yield WRITTEN_HERE if is_formula else OF_SALESFORCE
    if not field.is_current:
        yield badge(f"Version {field.version}, not in force", "warn", "history")
    elif is_formula:
        yield BROKEN if problem else COMPILES
    if field.is_current and uses.is_in_force:
        yield IN_FORCE


def _controls(request: HttpRequest, field: AmountField, latest: AmountField) -> list[Control]:
    if field.kind != AmountField.Kind.FORMULA or latest.kind != AmountField.Kind.FORMULA:
        return []
    address = reverse("admin:console_amountfield_edit", args=[latest.pk])
    is_old = latest.pk != field.pk
    return [
        rights.door(
            request,
            f"Go back to version {field.version}" if is_old else "Edit the formula",
            icon="settings_backup_restore" if is_old else "edit",
            address=f"{address}?version={field.version}" if is_old else address,
            permission="console.change_amountfield",
        )
    ]


def _about(field: AmountField) -> list[tuple[str, Any]]:
    about: list[tuple[str, Any]] = [("API name", code(field.name)), ("Version", field.version)]
    if field.formula:
        about.append(("Blank numbers", field.get_blanks_display()))
    by = field.created_by_name or "unknown"
    return [*about, ("Saved", at(field.created_at)), ("By", by), ("Why", field.note or "not said")]


def _history(versions: list[AmountField], shown: AmountField) -> list[dict[str, Any]]:
    older = [*versions[1:], None]
    return [
        {
            "row": row,
            "title": link(f"Version {row.version}", page_of(row)),
            "is_shown": row.pk == shown.pk,
            "ago": ago(row.created_at),
            "formula": marked(before.formula, row.formula) if before else [("same", row.formula)],
            "also": _also(before, row) if before else "",
        }
        for row, before in zip(versions, older, strict=True)
    ]


def _also(before: AmountField, row: AmountField) -> str:
    """What else than the formula changed."""
    said = []
    if before.label != row.label:
        said.append(f"label was “{before.label}”")
    if before.blanks != row.blanks:
        said.append(row.get_blanks_display())
    if before.is_current != row.is_current and not row.is_current:
        said.append("the field ended")
    return ", ".join(said)
