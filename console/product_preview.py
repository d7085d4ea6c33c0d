"""What a push of products would do, with everything that explains it; made by "sync products"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from console.models import QuoteItem
from console.product_settings import InForce
from console.subjects import Subject
from syncrules import arr, override_lint, push_products, sync_products
from syncrules.arr import ArrProfile
from syncrules.decisions import Decision
from syncrules.json_form import to_json
from syncrules.line_facts import QuoteFacts
from syncrules.line_reasons import LineReason
from syncrules.override_lint import LintedLine
from syncrules.product_changes import Action, ProductChange
from syncrules.product_difference import ProductDifference
from syncrules.product_push_facts import ProductPushFacts
from syncrules.reasons import describe
from syncrules.sync_products import LineVerdict, ProductSyncSettings


@dataclass(frozen=True, slots=True)
class OrphanedOverride:
    """An override on the present primary quote, which would no longer decide anything."""

    line_mn_id: str
    name: str | None
    override: str


@dataclass(frozen=True, slots=True)
class Swap:
    """What making this quote the primary one would mean.

    Shape: `lost` are products that go with the present primary quote; `change` is the difference
    of the opportunity's amount; both say nothing where Salesforce was not read.
    """

    present_quote_mn_id: str | None
    lost: tuple[ProductChange, ...]
    change: Decimal | None
    orphaned: tuple[OrphanedOverride, ...]


@dataclass(frozen=True, slots=True)
class ProductPreview:
    """A quote's lines with their verdicts, and what Salesforce lacks of them.

    Shape: `decision` and `facts` are None for a quote without an opportunity; `difference` is
    None where Salesforce was not read, and `unread` then says why; `swap` is None for a quote
    that is the primary one.
    """

    quote: QuoteFacts
    settings: ProductSyncSettings
    revision: int | None
    verdicts: tuple[LineVerdict, ...]
    arr: ArrProfile
    lint: tuple[LintedLine, ...]
    facts: ProductPushFacts | None = None
    decision: Decision | None = None
    difference: ProductDifference | None = None
    swap: Swap | None = None
    unread: str = ""


def of_quote(quote: QuoteFacts, chosen: InForce) -> ProductPreview:
    """What can be said of a quote's lines without an opportunity."""
    return ProductPreview(
        quote=quote,
        settings=chosen.settings,
        revision=chosen.revision,
        verdicts=sync_products.verdicts(quote, chosen.settings),
        arr=arr.profile(quote),
        lint=override_lint.lint(quote, chosen.settings),
        unread="the quote belongs to no MN opportunity",
    )


def of_facts(
    facts: ProductPushFacts, quote: QuoteFacts, chosen: InForce, subject: Subject
) -> ProductPreview:
    """What a push with these facts would do."""
    judged = push_products.judge(facts)
    unread = ""
    if judged.difference is None:
        words = f"{facts.trouble.code}: {facts.trouble.words}" if facts.trouble else ""
        unread = words or describe(judged.decision.reason).title
    return replace(
        of_quote(quote, chosen),
        facts=facts,
        decision=judged.decision,
        difference=judged.difference,
        swap=None if quote.terms.is_primary else _swap(subject, judged.difference),
        unread=unread,
    )


def _swap(subject: Subject, planned: ProductDifference | None) -> Swap:
    present = subject.primary
    lost = (
        change
        for change in (planned.of(Action.DELETE) if planned else ())
        if change.reason is LineReason.LINE_OF_ANOTHER_QUOTE
    )
    return Swap(
        present_quote_mn_id=present.mn_id if present else None,
        lost=tuple(lost),
        change=planned.totals.after - planned.totals.before if planned else None,
        orphaned=_orphaned(subject.primary_quote_id) if subject.primary_quote_id else (),
    )


def _orphaned(present: int) -> tuple[OrphanedOverride, ...]:
    rows = QuoteItem.objects.filter(quote_id=present).exclude(override="")
    rows = rows.order_by("position", "pk")
    return tuple(
        OrphanedOverride(item.mn_id, item.product.name if item.product else None, item.override)
        for item in rows.select_related("product")
    )


def as_json(preview: ProductPreview) -> dict[str, Any]:
    """The preview for callers: what the quote's lines have in common is said once."""
    lines = [
        {name: value for name, value in line.items() if name != "quote"}
        for line in to_json(preview.quote.in_order)
    ]
    return {
        "quote": to_json(preview.quote.terms),
        "lines": lines,
        "settings": {**to_json(preview.settings), "revision": preview.revision},
        "verdicts": to_json(preview.verdicts),
        "arr": to_json(preview.arr),
        "findings": to_json(preview.lint),
        "decision": to_json(preview.decision),
        "difference": to_json(preview.difference),
        "swap": to_json(preview.swap),
        "unread": preview.unread or None,
    }
