"""Which lines of a quote become opportunity products, with what amount, and why?

Source: MonetizeNow, "Customizing Opportunity Product Sync Process", "Choosing Which Products to
Sync"; docs/products.md for what that page leaves open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from syncrules.amount_fields import RECOMMENDED, amount_of
from syncrules.decisions import Evidence, Step, StepStatus
from syncrules.line_facts import MODIFIED, LineFacts, Override, QuoteFacts, QuoteType
from syncrules.line_reasons import LineOutcome, LineReason, describe
from syncrules.money import two_places

FLOW: Final = "sync_products"

ONE_UNIT: Final = Decimal("1.00")

# The quantity of an opportunity product has twelve digits, two of them decimals; by the time it is
# compared it is rounded.
_TOO_MANY: Final = Decimal(10) ** 10


class ZeroUsage(StrEnum):
    """What becomes of usage lines of quantity 0: MonetizeNow sends them, Salesforce may refuse."""

    ONE_UNIT = "one_unit"
    LEAVE_OUT = "leave_out"


@dataclass(frozen=True, slots=True)
class ProductSyncSettings:
    """What RevOps chose. `amount_field` is an API name of the quote line."""

    amount_field: str = RECOMMENDED
    is_disabled: bool = False
    zero_usage: ZeroUsage = ZeroUsage.ONE_UNIT


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """Whether a line goes, and every criterion that was asked.

    Shape:  `decided_by` is the key of the deciding criterion, None when all of them are met;
            `amount` is known of lines that stay away too: it is what the opportunity lacks
    """

    line_mn_id: str
    outcome: LineOutcome
    reason: LineReason
    decided_by: str | None
    criteria: tuple[Step, ...]
    amount: Decimal | None
    quantity: Decimal

    @property
    def goes(self) -> bool:
        return self.outcome is LineOutcome.GOES


@dataclass(frozen=True, slots=True)
class Answer:
    """What a criterion looked at, and the reason it has against the line, if any."""

    evidence: Evidence
    against: LineReason | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question. The answer is None where it is not asked of this line.

    `settles`: an answer against the line leaves nothing more to ask.
    """

    key: str
    question: str
    answer: Callable[[LineFacts, ProductSyncSettings], Answer | None]
    settles: bool = False


def verdicts(quote: QuoteFacts, settings: ProductSyncSettings) -> tuple[LineVerdict, ...]:
    """The verdict on every line, in the order of the quote."""
    return tuple(verdict(line, settings) for line in quote.in_order)


def verdict(line: LineFacts, settings: ProductSyncSettings) -> LineVerdict:
    """Whether the line goes. The first criterion that is not met decides; the others are asked
    all the same, so that nobody mends one thing only to meet the next."""
    steps = []
    reason: LineReason | None = None
    decided_by = None
    is_settled = False
    for criterion in CRITERIA:
        answer = None if is_settled else criterion.answer(line, settings)
        steps.append(_step(criterion, answer))
        if reason is None and answer is not None and answer.against is not None:
            reason, decided_by = answer.against, criterion.key
            is_settled = criterion.settles
    if reason is None:
        is_forced = line.override is Override.ALWAYS
        reason = LineReason.OVERRIDE_ALWAYS if is_forced else LineReason.MEETS_THE_RULES
        decided_by = "override" if is_forced else None
    return LineVerdict(
        line_mn_id=line.mn_id,
        outcome=describe(reason).outcome,
        reason=reason,
        decided_by=decided_by,
        criteria=tuple(steps),
        amount=amount_of(line, settings.amount_field).value,
        quantity=_quantity_to_send(line),
    )


def _quantity_to_send(line: LineFacts) -> Decimal:
    """Salesforce derives a unit price from total and quantity, so that 0 is sent as one unit."""
    return two_places(line.quantity) if line.quantity else ONE_UNIT


def _step(criterion: Criterion, answer: Answer | None) -> Step:
    if answer is None:
        return Step(criterion.key, criterion.question, StepStatus.NOT_REACHED)
    status = StepStatus.PASSED if answer.against is None else StepStatus.BLOCKED
    return Step(criterion.key, criterion.question, status, answer.evidence)


def _is_enabled(_line: LineFacts, settings: ProductSyncSettings) -> Answer:
    evidence = {"Disable Product Sync": "set" if settings.is_disabled else "not set"}
    return Answer(evidence, LineReason.PRODUCT_SYNC_DISABLED if settings.is_disabled else None)


def _is_more_than_reference(line: LineFacts, _settings: ProductSyncSettings) -> Answer:
    return Answer({"role": line.role}, LineReason.REFERENCE_ROW if line.is_reference else None)


def _is_not_kept_back(line: LineFacts, _settings: ProductSyncSettings) -> Answer:
    is_never = line.override is Override.NEVER
    evidence = {"override": line.override or None}
    return Answer(evidence, LineReason.OVERRIDE_NEVER if is_never else None)


def _has_product(line: LineFacts, _settings: ProductSyncSettings) -> Answer | None:
    if line.override is Override.ALWAYS:
        return None
    name = line.product.name if line.product else None
    return Answer({"product": name}, None if line.product else LineReason.PRODUCT_NOT_SET)


def _has_pricebook_entry(line: LineFacts, _settings: ProductSyncSettings) -> Answer:
    """Asked even with Always: Salesforce takes no product without one."""
    if line.pricebook_entry is not None:
        return Answer({"pricebook entry": line.pricebook_entry.salesforce_id})
    is_forced = line.override is Override.ALWAYS
    return Answer(
        {"pricebook entry": None},
        LineReason.LINE_WITHOUT_PRICEBOOK_ENTRY
        if is_forced
        else LineReason.PRICEBOOK_ENTRY_NOT_SET,
    )


def _has_quantity(line: LineFacts, settings: ProductSyncSettings) -> Answer | None:
    if line.override is Override.ALWAYS:
        return None
    evidence: dict[str, str | None] = {
        "quantity": str(line.quantity),
        "product type": line.product.type if line.product else None,
    }
    if line.quantity:
        return Answer(evidence)
    if not line.is_usage:
        return Answer(evidence, LineReason.QUANTITY_IS_ZERO)
    evidence["usage of quantity 0"] = settings.zero_usage
    is_left_out = settings.zero_usage is ZeroUsage.LEAVE_OUT
    return Answer(evidence, LineReason.ZERO_USAGE_LEFT_OUT if is_left_out else None)


def _is_modified(line: LineFacts, _settings: ProductSyncSettings) -> Answer | None:
    if line.override is Override.ALWAYS or line.quote.type is not QuoteType.AMENDMENT:
        return None
    is_modified = line.amendment_status in MODIFIED
    evidence = {"amendment status": line.amendment_status}
    return Answer(evidence, None if is_modified else LineReason.UNCHANGED_BY_AMENDMENT)


def _has_amount(line: LineFacts, settings: ProductSyncSettings) -> Answer:
    amount = amount_of(line, settings.amount_field)
    shown = None if amount.value is None else f"{amount.value} {line.quote.currency}"
    return Answer({settings.amount_field: shown}, amount.problem)


def _fits_salesforce(line: LineFacts, _settings: ProductSyncSettings) -> Answer:
    quantity = _quantity_to_send(line)
    fits = 0 < abs(quantity) < _TOO_MANY
    evidence = {"quantity": str(line.quantity), "sent as": str(quantity)}
    return Answer(evidence, None if fits else LineReason.QUANTITY_OUT_OF_RANGE)


CRITERIA: Final = (
    Criterion("sync_is_enabled", "Is product sync switched on?", _is_enabled, settles=True),
    Criterion(
        "is_more_than_reference",
        "Is it more than a reference row?",
        _is_more_than_reference,
        settles=True,
    ),
    Criterion("override", "Does no override keep it back?", _is_not_kept_back, settles=True),
    Criterion("has_product", "Is the product set?", _has_product),
    Criterion("has_pricebook_entry", "Is the pricebook entry set?", _has_pricebook_entry),
    Criterion("has_quantity", "Is the quantity other than 0, or the product usage?", _has_quantity),
    Criterion("is_modified", "On an amendment: was the line modified?", _is_modified),
    Criterion("has_amount", "Has the chosen amount field a value?", _has_amount),
    Criterion("fits_salesforce", "Can Salesforce hold the quantity?", _fits_salesforce),
)
