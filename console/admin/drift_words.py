"""How drift is said to a person: fields, verdicts, runs, and what may not be shown to everybody."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from console.admin.base import page_of
from console.admin.parts import EMPTY, NONE, at, badge, code, link, money
from console.models import Drift, OutboundPush, ReconcileRun, SyncLog
from syncrules.drift import OF_PRODUCTS, DriftField, Verdict

Look = tuple[str, Any, str]
RESTRICTED = format_html(
    '<span class="c-empty" title="{}">{}</span>',
    "The primary quote is restricted to groups that you are not in.",
    "restricted",
)
VERDICTS: Final[dict[str, Look]] = {
    Verdict.OURS_NEWER: ("Ours newer", "info", "upload"),
    Verdict.THEIRS_CHANGED: ("Theirs changed", "warn", "edit"),
    Verdict.MISSING: ("Missing", "bad", "remove_circle"),
    Verdict.FOREIGN: ("Foreign", "bad", "content_copy"),
}
MEANINGS: Final[dict[str, str]] = {
    Verdict.OURS_NEWER: "Salesforce has an earlier value of ours",
    Verdict.THEIRS_CHANGED: "Salesforce has a value that is not ours",
    Verdict.MISSING: "Salesforce lacks what should be there",
    Verdict.FOREIGN: "Copies, strangers, and partners that are gone",
}
FIELDS: Final[dict[str, str]] = {
    DriftField.RECORD: "Linked record",
    DriftField.CLAIM: "MN id on another record",
    DriftField.LINK: "MN id",
    DriftField.PRIMARY_QUOTE: "Primary quote",
    DriftField.LINE: "Product",
    DriftField.PRICEBOOK_ENTRY: "Pricebook entry",
    DriftField.QUANTITY: "Quantity",
    DriftField.TOTAL_PRICE: "Total price",
    DriftField.SERVICE_DATE: "Service date",
    DriftField.AMOUNT: "Amount",
}
TRIGGERS: Final = {
    "schedule": "by itself",
    "compare_button": "asked for on this page",
    "command": "asked for by the command",
    "after_push": "after a push",
}
_NUMBERS: Final = frozenset({DriftField.QUANTITY, DriftField.TOTAL_PRICE, DriftField.AMOUNT})
_IDS: Final = frozenset(
    {
        DriftField.RECORD,
        DriftField.CLAIM,
        DriftField.LINK,
        DriftField.PRIMARY_QUOTE,
        DriftField.PRICEBOOK_ENTRY,
    }
)


def verdict_badge(verdict: str) -> SafeString:
    return badge(*VERDICTS[verdict], title=MEANINGS[verdict])


def is_hidden(row: Any) -> bool:
    """Whether it tells of lines that this person may not read; the query says so."""
    return row.field in OF_PRODUCTS and getattr(row, "is_restricted", False)


def value(row: Drift, held: str | None) -> SafeString | str:
    """What one side holds."""
    if is_hidden(row):
        return RESTRICTED
    if held is None:
        return EMPTY
    if row.field in _NUMBERS:
        return f"{Decimal(held):,.2f}"
    if row.field == DriftField.LINE:
        figures, _, start = held.partition(", ")
        return format_html('<span class="c-nowrap">{}</span>{}', figures, _quiet(start))
    return code(held) if row.field in _IDS else held


def what(row: Drift) -> SafeString | str:
    """The field, and the product that it is of."""
    name = FIELDS[row.field]
    if not row.part_name or is_hidden(row):
        return name
    return format_html('{}<br><span class="c-quiet">{}</span>', name, row.part_name)


def _quiet(words: str) -> SafeString | str:
    return format_html('<br><span class="c-quiet c-nowrap">{}</span>', words) if words else ""


def apart(row: Drift) -> SafeString:
    """How far the two are apart in money."""
    if is_hidden(row):
        return RESTRICTED
    return NONE if row.money is None else money(row.money, row.currency)


def moneys(sums: dict[str, Decimal]) -> list[SafeString]:
    return [money(amount, currency) for currency, amount in sums.items() if amount]


def evidence(row: Drift) -> list[tuple[str, SafeString | str]]:
    """What the verdict looked at, with links and times for people."""
    return [(name, _told(name, held)) for name, held in row.evidence]


def _told(name: str, held: str | None) -> SafeString | str:
    if held is None:
        return EMPTY
    if name == "log entry":
        return link(f"Sync log entry {held}", page_of(SyncLog(pk=held)))
    if name.startswith("push "):
        return link(held, page_of(OutboundPush(pk=name.removeprefix("push "))))
    if name.endswith(" at"):
        return at(datetime.fromisoformat(held))
    return held


def took(run: ReconcileRun) -> str:
    """How long it took, from its first slice to its end."""
    if run.started_at is None or run.finished_at is None:
        return ""
    seconds = (run.finished_at - run.started_at) / timedelta(seconds=1)
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"
