"""A preview of products as text for a terminal, 100 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from console.product_preview import ProductPreview, Swap
from syncrules import line_reasons, override_lint
from syncrules.decisions import Decision, Step, StepStatus
from syncrules.line_facts import LineFacts
from syncrules.line_reasons import LineOutcome
from syncrules.money import total
from syncrules.product_changes import Action, ProductChange
from syncrules.product_difference import ProductDifference
from syncrules.reasons import describe
from syncrules.sync_products import LineVerdict

WIDTH: Final = 100
_NAME: Final = 28
_MARKS: Final = {
    LineOutcome.GOES: "✓",
    LineOutcome.STAYS_AWAY: "·",
    LineOutcome.FAILS: "✗",
}
_SIGNS: Final = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.LEAVE: "="}


def render(preview: ProductPreview) -> str:
    """The whole preview, ending in a newline."""
    return "\n".join(line.rstrip() for line in _lines(preview)) + "\n"


def _lines(preview: ProductPreview) -> Iterator[str]:
    yield from _head(preview)
    yield from _verdicts(preview)
    yield from _findings(preview)
    if preview.swap is not None:
        yield from _swap(preview.swap)
    if preview.difference is not None:
        yield from _difference(preview.difference)
    else:
        yield from _section("What Salesforce has")
        yield from _wrapped(f"  Not known, so there is no difference to show: {preview.unread}.")
    if preview.decision is not None:
        yield from _decision(preview.decision)
    yield ""
    yield "Nothing was changed by asking."


def _head(preview: ProductPreview) -> Iterator[str]:
    terms, settings = preview.quote.terms, preview.settings
    place = "primary" if terms.is_primary else "not primary"
    span = f"{terms.contract_start or '?'} to {terms.contract_end or '?'}"
    yield f"Quote {terms.mn_id} ({terms.type}, {place}, {terms.currency}, contract {span})"
    yield "═" * WIDTH
    revision = f"revision {preview.revision}" if preview.revision else "the recommended settings"
    yield f"The amount is {settings.amount_field}, by {revision}."
    if settings.is_disabled:
        yield "! Disable Product Sync is set: nothing is created, changed or deleted."
    planned = preview.difference
    if planned is not None and planned.synced_quote_salesforce_id is not None:
        yield from _wrapped(
            f"! Salesforce's own quote sync is on for this opportunity (SyncedQuoteId "
            f"{planned.synced_quote_salesforce_id}): it writes products too, and what it changes "
            "is changed back by the next push."
        )


def _verdicts(preview: ProductPreview) -> Iterator[str]:
    yield from _section("Lines")
    yield f"    {'line':<{_NAME}} {'from':<10} {'quantity':>10} {'amount':>15}  why"
    for line, verdict in zip(preview.quote.in_order, preview.verdicts, strict=True):
        yield from _verdict(line, verdict)
    going = [each for each in preview.verdicts if each.goes and each.amount is not None]
    sums = total(each.amount for each in going if each.amount is not None)
    count = f"{len(going)} of {len(preview.verdicts)} lines go"
    yield f"    {count:<{_NAME + 22}} {_money(sums):>15}  {preview.quote.terms.currency}"


def _verdict(line: LineFacts, verdict: LineVerdict) -> Iterator[str]:
    name = _short(line.product.name if line.product else "no product")
    why = line_reasons.describe(verdict.reason).title
    quantity = f"{verdict.quantity if verdict.goes else line.quantity.normalize():f}"
    begins = line.start.isoformat() if line.start else " " * 10
    start = f"  {_MARKS[verdict.outcome]} {name:<{_NAME}} {begins} {quantity:>10} "
    yield from _wrapped(
        f"{start}{_money(verdict.amount):>15}  {why}", rest=" " * (len(start) + 17), keep=True
    )
    if verdict.outcome is LineOutcome.FAILS:
        remedy = line_reasons.describe(verdict.reason).remedy
        yield from _wrapped(f"      {line.mn_id}: {remedy}", rest=" " * 6)


def _findings(preview: ProductPreview) -> Iterator[str]:
    if not preview.lint:
        return
    yield from _section("Overrides worth a second look")
    for each in preview.lint:
        words = override_lint.describe(each.finding)
        yield from _wrapped(f"  ! {each.line_mn_id}: {words.title}. {words.remedy}", rest=" " * 4)


def _swap(swap: Swap) -> Iterator[str]:
    yield from _section("If this quote became the primary one")
    yield f"  The primary quote is {swap.present_quote_mn_id or 'not set'} now."
    if swap.change is not None:
        yield f"  The opportunity's amount would change by {_signed(swap.change)}."
        yield f"  {len(swap.lost)} products of the present quote would go."
    for each in swap.orphaned:
        name = each.name or "no product"
        yield from _wrapped(
            f"  ! The override {each.override} on {each.line_mn_id} ({name}) would decide nothing "
            "any more.",
            rest=" " * 4,
        )


def _difference(planned: ProductDifference) -> Iterator[str]:
    yield from _section(f"What would be written to {planned.opportunity_salesforce_id}")
    if planned.pricebook_to_set is not None:
        yield f"  ~ the opportunity gets the price book {planned.pricebook_to_set}"
    for change in planned.changes:
        if change.action is not Action.LEAVE or change.changes:
            yield from _change(change)
    if planned.is_empty:
        yield "  Nothing: every line that goes is there as it should be."
    left = sum(change.action is Action.LEAVE for change in planned.changes)
    yield f"  Left as they are: {left}"
    by_hand = _money(planned.totals.by_hand)
    yield f"  Added by people, never touched: {len(planned.by_hand)} ({by_hand})"
    totals = planned.totals
    yield (
        f"  Amount: {_money(totals.before)} now, {_money(totals.after)} afterwards "
        f"({_signed(totals.after - totals.before)} {planned.currency})"
    )


def _change(change: ProductChange) -> Iterator[str]:
    name = _short(change.name or change.line_mn_id or "")
    before, after = _money(change.total_before), _money(change.total_after)
    why = line_reasons.describe(change.reason).title
    start = (
        f"  {_SIGNS[change.action]} {change.action:<6} {name:<{_NAME}} {before:>13} → {after:>13}  "
    )
    yield from _wrapped(f"{start}{why}", rest=" " * len(start), keep=True)
    if change.action is not Action.CREATE:
        for each in change.changes:
            yield f"      {each.field}: {each.before or 'nothing'} → {each.after or 'nothing'}"


def _decision(decision: Decision) -> Iterator[str]:
    words = describe(decision.reason)
    yield from _section("If it were pushed now")
    yield from _wrapped(f"  {decision.outcome.replace('_', ' ')}: {words.title}")
    blocking = decision.blocking_step
    if blocking is not None:
        yield from _stopped(blocking)
        yield from _wrapped(f"  What to do: {words.remedy}", rest=" " * 4)


def _stopped(step: Step) -> Iterator[str]:
    assert step.status is StepStatus.BLOCKED
    yield from _wrapped(f"  ✗ {step.question}", rest=" " * 4)
    for name, value in step.evidence.items():
        yield from _wrapped(f"      {name}: {value or 'nothing'}", rest=" " * 8)


def _section(title: str) -> Iterable[str]:
    return ("", title, "─" * WIDTH)


def _wrapped(text: str, *, rest: str = "", keep: bool = False) -> list[str]:
    """`keep`: the columns before the words stay as they are."""
    return textwrap.wrap(
        text,
        WIDTH,
        subsequent_indent=rest,
        drop_whitespace=True,
        replace_whitespace=not keep,
        break_on_hyphens=False,
    ) or [""]


def _short(name: str) -> str:
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _money(value: Decimal | None) -> str:
    return "none" if value is None else f"{value:,.2f}"


def _signed(value: Decimal) -> str:
    return f"{value:+,.2f}"
