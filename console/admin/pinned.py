"""Pins as the pages list them: whether they hold, and if not, where they do not."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from django.utils.safestring import SafeString

from console.admin.base import page_of
from console.admin.parts import ago, badge, code, link, money
from console.pins import Check, Deviation

HOLDS: Final = badge("Holds", "good", "check")
BROKEN: Final = badge("Broken", "bad", "close")


def rows(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """A pin of a quote that the person may not read tells only whether it holds."""
    return [
        {
            "name": link(each.name, page_of(each.pin.quote)) if each.is_readable else each.name,
            "plain_name": each.name,
            "description": each.pin.quote.description if each.is_readable else "",
            "note": each.pin.note if each.is_readable else "",
            "by": each.pin.pinned_by_name,
            "at": ago(each.pin.pinned_at),
            "badge": HOLDS if each.holds else BROKEN,
            "deviations": deviations(each) if each.is_readable else [],
        }
        for each in checks
    ]


def deviations(check: Check) -> list[dict[str, Any]]:
    currency = check.pin.quote.currency
    return [_deviation(each, currency) for each in check.deviations]


def _deviation(each: Deviation, currency: str) -> dict[str, Any]:
    return {
        "line": code(each.line_mn_id),
        "what": each.what,
        "expected": _amount(each.expected, currency),
        "found": _amount(each.found, currency),
    }


def _amount(amount: Decimal | None, currency: str) -> SafeString | str:
    return "stays away" if amount is None else money(amount, currency)
