"""One quote line in words: its verdict with every criterion, its amount, its override."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from django.utils.safestring import SafeString

from console.admin import wording
from console.admin.base import page_of
from console.admin.parts import EMPTY, Tone, ago, badge, code, link, money, span
from console.models import Quote, QuoteItem
from console.product_preview import ProductPreview
from syncrules.decisions import Step, StepStatus
from syncrules.line_facts import LineFacts, Override, QuoteType
from syncrules.line_reasons import LineOutcome, describe
from syncrules.override_lint import OverrideFinding
from syncrules.override_lint import describe as describe_finding
from syncrules.reasons import Owner
from syncrules.sync_products import LineVerdict

_LOOKS: Final[dict[LineOutcome, tuple[str, Tone, str]]] = {
    LineOutcome.GOES: ("Goes", "good", "check_circle"),
    LineOutcome.STAYS_AWAY: ("Stays away", "calm", "do_not_disturb_on"),
    LineOutcome.FAILS: ("Fails", "bad", "error"),
}
_MARKS: Final[dict[StepStatus, tuple[str, Tone, str]]] = {
    StepStatus.PASSED: ("Yes", "good", "check"),
    StepStatus.BLOCKED: ("No", "bad", "close"),
    StepStatus.NOT_REACHED: ("Not asked", "calm", "remove"),
}
CHOICES: Final = (
    (Override.BLANK, "By the rules", "The criteria decide."),
    (Override.ALWAYS, "Always", "It goes whatever the criteria say, if it has a price."),
    (Override.NEVER, "Never", "It is kept off the opportunity."),
)


def verdict_badge(outcome: LineOutcome) -> SafeString:
    return badge(*_LOOKS[outcome])


def rows(quote: Quote, preview: ProductPreview, *, shown: slice) -> list[dict[str, Any]]:
    """The lines of one stretch of the quote, in its order."""
    findings: defaultdict[str, list[OverrideFinding]] = defaultdict(list)
    for each in preview.lint:
        findings[each.line_mn_id].append(each.finding)
    pairs = list(zip(preview.quote.in_order, preview.verdicts, strict=True))[shown]
    names = [line.mn_id for line, _ in pairs]
    items = {
        item.mn_id: item
        for item in QuoteItem.objects.filter(quote=quote, mn_id__in=names).select_related("product")
    }
    return [
        _row(line, verdict, items[line.mn_id], findings[line.mn_id])
        for line, verdict in pairs
        # A line that came or went between the two questions is shown the next time.
        if line.mn_id in items
    ]


def _row(
    line: LineFacts, verdict: LineVerdict, item: QuoteItem, findings: list[OverrideFinding]
) -> dict[str, Any]:
    currency = line.quote.currency
    reason = describe(verdict.reason)
    return {
        "mn_id": line.mn_id,
        "id": code(line.mn_id),
        "product": link(item.product.name, page_of(item.product)) if item.product else EMPTY,
        "name": item.product.name if item.product else "the line without a product",
        "quantity": f"{line.quantity.normalize():,f}",
        "unit_price": money(line.unit_price, currency),
        "amount": money(line.amount, currency),
        "span": span(line.start, line.end),
        "change": _change(line),
        "verdict": verdict_badge(verdict.outcome),
        "outcome": verdict.outcome.value,
        "reason": reason,
        "owner": wording.sentence_case(reason.owner) if reason.owner is not Owner.NOBODY else "",
        "criteria": [_criterion(step, verdict) for step in verdict.criteria],
        "sent": _sent(verdict, line),
        "override": _override(line, item),
        "findings": [describe_finding(each) for each in findings],
    }


def _change(line: LineFacts) -> str:
    if line.is_reference:
        return "Reference row"
    if line.quote.type is QuoteType.NEW:
        return ""
    return wording.in_words(line.amendment_status)


def _sent(verdict: LineVerdict, line: LineFacts) -> dict[str, Any]:
    """What goes; of a line that stays away, what the opportunity lacks."""
    amount = verdict.amount
    return {
        "amount": money(amount, line.quote.currency) if amount is not None else EMPTY,
        "goes": verdict.goes,
        "as_one_unit": verdict.goes and not line.quantity,
    }


def _criterion(step: Step, verdict: LineVerdict) -> dict[str, Any]:
    return {
        "question": step.question,
        "mark": badge(*_MARKS[step.status]),
        "decides": step.key == verdict.decided_by,
        "evidence": [(name, value or EMPTY) for name, value in step.evidence.items()],
    }


def _override(line: LineFacts, item: QuoteItem) -> dict[str, Any]:
    there = line.salesforce_override
    return {
        "label": next(label for value, label, _ in CHOICES if value is line.override),
        "is_set": line.override is not Override.BLANK,
        "reason": item.override_reason,
        "by": item.override_by_name,
        "at": ago(item.override_at),
        "choices": [
            {"value": value.value, "label": label, "meaning": meaning, "is": value is line.override}
            for value, label, meaning in CHOICES
        ],
        "there": (there.value or "blank") if there is not None and there != line.override else "",
    }
