"""The product sync settings: what is in force, what else may be chosen, and what came before."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from console import outbox, pins, product_settings, settings_revisions
from console.actor import Actor
from console.admin import pinned, rights
from console.admin.parts import ago, at, badge
from console.models import OutboundPush, ProductSyncSetting, QuoteItem, Resync
from console.what_if import open_linked
from syncrules.amount_fields import FieldChoice
from syncrules.sync_products import ProductSyncSettings, ZeroUsage

SAVE: Final = "console.save_product_settings"
REVISIONS_SHOWN: Final = 30

ZERO_USAGE: Final = {
    ZeroUsage.ONE_UNIT: (
        "Send as one unit",
        "The line goes as one unit with its amount as total, as MonetizeNow copies it.",
    ),
    ZeroUsage.LEAVE_OUT: (
        "Leave out",
        "The line stays away until it has a quantity, or an override Always.",
    ),
}
CHANGED: Final = badge("Changes", "info", "edit")


def context(request: HttpRequest) -> dict[str, Any]:
    """Everything on the settings page. Asks Salesforce nothing."""
    actor = Actor.of_user(request.user)
    chosen = product_settings.in_force()
    fields = settings_revisions.amount_fields()
    revisions = list(
        ProductSyncSetting.objects.select_related("resync").order_by("-pk")[:REVISIONS_SHOWN]
    )
    active = next((row for row in revisions if row.is_active), None)
    return {
        "active": active and _who(active),
        "settings": in_words(chosen.settings, fields),
        "form": form(chosen.settings, fields),
        "blast": blast_radius(),
        "to_do": [_to_do(request, each) for each in settings_revisions.to_do()],
        "pins": pinned.rows(pins.check(chosen.settings, reader=actor)),
        "history": _history(revisions),
        "overridden": QuoteItem.objects.exclude(override="").count(),
    }


def form(settings: ProductSyncSettings, fields: tuple[FieldChoice, ...]) -> dict[str, Any]:
    """What may be chosen; a field that cannot be says why."""
    return {
        "fields": [
            {"choice": each, "is_chosen": each.name == settings.amount_field}
            for each in fields
            if each.why_not is None
        ],
        "refused": [each for each in fields if each.why_not is not None],
        "zero_usage": [
            {
                "value": each.value,
                "label": words[0],
                "meaning": words[1],
                "is_chosen": each is settings.zero_usage,
            }
            for each, words in ZERO_USAGE.items()
        ],
        "is_disabled": settings.is_disabled,
    }


def in_words(
    settings: ProductSyncSettings,
    fields: tuple[FieldChoice, ...],
    *,
    before: ProductSyncSettings | None = None,
) -> list[dict[str, Any]]:
    """The settings line by line; beside those they would replace, what changes is marked."""
    now, then = _values(settings, fields), _values(before, fields) if before else None
    return [
        {
            "label": label,
            "value": value,
            "code": name,
            "detail": detail,
            "before": then[place][1:3] if then and then[place][1:3] != (value, name) else (),
        }
        for place, (label, value, name, detail) in enumerate(now)
    ]


def _values(
    settings: ProductSyncSettings, fields: tuple[FieldChoice, ...]
) -> list[tuple[str, str, str, str]]:
    """What is set, in words, its API name if it has one, and what that means."""
    field = next((each for each in fields if each.name == settings.amount_field), None)
    usage, meaning = ZERO_USAGE[settings.zero_usage]
    gone = "There is no such field any more: every line that should go fails."
    return [
        (
            "Amount of a product",
            field.label if field else settings.amount_field,
            settings.amount_field,
            field.definition if field else gone,
        ),
        (
            "Product sync",
            "Disabled" if settings.is_disabled else "Enabled",
            "",
            "No product is created, changed or deleted."
            if settings.is_disabled
            else "The lines of primary quotes become opportunity products.",
        ),
        ("Usage of quantity 0", usage, "", meaning),
    ]


def blast_radius() -> dict[str, Any]:
    """What disabling product sync would leave as it is, and what becomes of the queue."""
    waiting = OutboundPush.objects.filter(state__in=OutboundPush.WAITING)
    return {
        "stale": open_linked().filter(primary_quote__isnull=False).count(),
        "skipped": waiting.filter(lane=outbox.Lane.PRODUCTS).count(),
        "links": waiting.filter(lane=outbox.Lane.LINK).count(),
    }


def _who(row: ProductSyncSetting) -> dict[str, Any]:
    return {
        "number": row.pk,
        "by": row.created_by_name,
        "at": at(row.created_at),
        "why": row.reason_text,
        "broken": row.broken_pins,
        "reverts_to": row.reverts_to_id,
    }


def _to_do(request: HttpRequest, each: Resync) -> dict[str, Any]:
    def button(label: str, icon: str, what: str) -> rights.Control:
        return rights.control(
            request,
            label,
            icon=icon,
            address=reverse("admin:console_resync", args=[each.pk, what]),
            permission=SAVE,
        )

    return {
        "revision": each.revision_id,
        "count": each.opportunities.count(),
        "is_interrupted": each.choice == Resync.Choice.NOW,
        "since": ago(each.revision.created_at),
        "controls": [
            button("Re-sync them now", "cloud_upload", "now"),
            button("Leave them as they are", "close", "not"),
        ],
    }


def _history(rows: list[ProductSyncSetting]) -> list[dict[str, Any]]:
    """Each revision with what it changed of the one before it. The oldest shown has none to be
    compared with, unless it is the first of all, which took the place of the defaults."""
    fields = settings_revisions.amount_fields()
    older: list[ProductSyncSetting | None] = [*rows[1:], None][: len(rows)]
    is_complete = len(rows) < REVISIONS_SHOWN
    return [
        {
            **_who(row),
            "is_active": row.is_active,
            "changes": _changes(row, before, fields) if before or is_complete else [],
            "resync": _outcome(row),
            "again": "" if row.is_active else f"{what_if()}?{urlencode({'revision': row.pk})}",
        }
        for row, before in zip(rows, older, strict=True)
    ]


def _changes(
    row: ProductSyncSetting, before: ProductSyncSetting | None, fields: tuple[FieldChoice, ...]
) -> list[dict[str, Any]]:
    then = product_settings.of_row(before) if before else ProductSyncSettings()
    lines = in_words(product_settings.of_row(row), fields, before=then)
    return [line for line in lines if line["before"]]


def _outcome(row: ProductSyncSetting) -> str:
    """What was decided of the opportunities that the revision left stale."""
    resync: Resync | None = getattr(row, "resync", None)
    if resync is None:
        return ""
    if resync.choice == Resync.Choice.NOT:
        return "affected opportunities left as they were"
    if resync.done_at is None:
        return "re-sync still to be done"
    return f"re-sync asked for by {resync.done_by_name}"


def what_if() -> str:
    """The address of the what-if."""
    return reverse("admin:console_what_if")
