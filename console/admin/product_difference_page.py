"""What Salesforce has of a quote's products against what it should have, product by product."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from console.admin import rights, wording
from console.admin.before_after import change_of
from console.admin.parts import EMPTY, NONE, Tone, badge, code, money
from console.models import Quote
from console.product_preview import ProductPreview, Swap
from syncrules.line_facts import RemoteLine
from syncrules.line_reasons import LineOutcome, describe
from syncrules.product_changes import Action, ProductChange
from syncrules.product_difference import ProductDifference
from syncrules.reasons import describe as describe_decision

_LOOKS: Final[dict[Action, tuple[str, Tone, str]]] = {
    Action.CREATE: ("Create", "good", "add_circle"),
    Action.UPDATE: ("Update", "info", "edit"),
    Action.DELETE: ("Delete", "bad", "delete"),
    Action.LEAVE: ("Leave alone", "calm", "equal"),
}
FAILS: Final = badge("Fails", "bad", "error")


def context(request: HttpRequest, quote: Quote, found: ProductPreview) -> dict[str, Any]:
    difference = found.difference
    return {
        "quote": quote,
        "is_primary": found.quote.terms.is_primary,
        "unread": found.unread,
        "decision": describe_decision(found.decision.reason) if found.decision else None,
        "difference": difference and _difference(difference),
        "swap": found.swap and _swap(found.swap, difference, found.quote.terms.currency),
        "controls": [_push(request, found, quote)] if found.quote.terms.is_primary else [],
    }


def _push(request: HttpRequest, found: ProductPreview, quote: Quote) -> rights.Control:
    lock = ""
    if found.difference is None:
        lock = "There is nothing to compare with."
    elif found.difference.is_empty:
        lock = "Nothing has to be written."
    return rights.control(
        request,
        "Push now",
        icon="cloud_upload",
        address=reverse("admin:console_quote_push_products", args=[quote.pk]),
        permission="console.push_opportunity",
        lock=lock,
    )


def _difference(found: ProductDifference) -> dict[str, Any]:
    currency = found.currency
    second = found.synced_quote_salesforce_id
    counts = [(_LOOKS[action][0], len(found.of(action))) for action in Action]
    return {
        "is_empty": found.is_empty,
        "before": money(found.totals.before, currency),
        "after": money(found.totals.after, currency),
        "change": change_of(found.totals.before, found.totals.after, currency),
        "by_hand_total": money(found.totals.by_hand, currency),
        "pricebook": code(found.pricebook_to_set) if found.pricebook_to_set else "",
        "counts": [(name, count) for name, count in counts if count],
        "changes": [_change(each, currency) for each in found.changes],
        "by_hand": [_by_hand(each, currency) for each in found.by_hand],
        "second_writer": code(second) if second else "",
    }


def _change(each: ProductChange, currency: str) -> dict[str, Any]:
    reason = describe(each.reason)
    fails = reason.outcome is LineOutcome.FAILS
    return {
        "badge": FAILS if fails else badge(*_LOOKS[each.action]),
        "action": each.action.value,
        "name": each.name or EMPTY,
        "line": code(each.line_mn_id),
        "record": code(each.product_salesforce_id),
        "reason": reason,
        "owner": wording.sentence_case(reason.owner) if fails else "",
        "before": _amount(each.total_before, currency),
        "after": _amount(each.total_after, currency),
        "fields": [
            {
                "name": field.field,
                "before": EMPTY if field.before is None else field.before,
                "after": EMPTY if field.after is None else field.after,
            }
            for field in each.changes
        ],
    }


def _amount(amount: Decimal | None, currency: str) -> Any:
    return NONE if amount is None else money(amount, currency)


def _by_hand(each: RemoteLine, currency: str) -> dict[str, Any]:
    return {
        "name": each.name or EMPTY,
        "record": code(each.salesforce_id),
        "total": money(each.total_price, currency),
    }


def _swap(swap: Swap, difference: ProductDifference | None, currency: str) -> dict[str, Any]:
    return {
        "present": code(swap.present_quote_mn_id),
        "lost": [
            {"name": each.name or EMPTY, "total": _amount(each.total_before, currency)}
            for each in swap.lost
        ],
        "change": change_of(difference.totals.before, difference.totals.after, currency)
        if difference
        else "",
        "orphaned": swap.orphaned,
    }
