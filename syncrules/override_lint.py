"""May a line be overridden, and which overrides do nothing, or what nobody can have meant?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from syncrules.line_facts import LineFacts, Override, QuoteFacts
from syncrules.line_reasons import LineReason
from syncrules.reasons import Reason
from syncrules.sync_products import LineVerdict, ProductSyncSettings, verdict


class OverrideFinding(StrEnum):
    ALWAYS_WITHOUT_PRICEBOOK_ENTRY = "always_without_pricebook_entry"
    ALWAYS_ON_REFERENCE_ROW = "always_on_reference_row"
    NEVER_LEAVES_NOTHING = "never_leaves_nothing"
    REPEATS_THE_DEFAULT = "repeats_the_default"
    QUOTE_IS_NOT_PRIMARY = "quote_is_not_primary"
    SALESFORCE_SAYS_OTHERWISE = "salesforce_says_otherwise"
    REMOVED_ARR_STAYS_AWAY = "removed_arr_stays_away"


@dataclass(frozen=True, slots=True)
class FindingText:
    title: str
    explanation: str
    remedy: str


@dataclass(frozen=True, slots=True)
class LintedLine:
    """Something about the override of one line that deserves a look."""

    line_mn_id: str
    finding: OverrideFinding


def refusal(line: LineFacts) -> Reason | None:
    """Why the override of a line may not be changed, None where it may."""
    return Reason.ENTITY_FINALIZED if line.quote.is_finalized else None


def lint(quote: QuoteFacts, settings: ProductSyncSettings) -> tuple[LintedLine, ...]:
    """What is odd about the quote's overrides, line by line.

    Judged as if product sync were enabled: the overrides matter again once it is.
    """
    settings = replace(settings, is_disabled=False)
    judged = [(line, verdict(line, settings)) for line in quote.in_order]
    goes_nothing = not any(judgement.goes for _, judgement in judged)
    return tuple(
        LintedLine(line.mn_id, finding)
        for line, judgement in judged
        for finding in _findings(line, judgement, settings, goes_nothing=goes_nothing)
    )


def _findings(
    line: LineFacts, judgement: LineVerdict, settings: ProductSyncSettings, *, goes_nothing: bool
) -> Iterator[OverrideFinding]:
    if line.override is Override.BLANK:
        if judgement.reason is LineReason.QUANTITY_IS_ZERO and line.is_removed and judgement.amount:
            yield OverrideFinding.REMOVED_ARR_STAYS_AWAY
    else:
        yield from _about_override(line, judgement, settings, goes_nothing=goes_nothing)
    if line.salesforce_override is not None and line.salesforce_override != line.override:
        yield OverrideFinding.SALESFORCE_SAYS_OTHERWISE


def _about_override(
    line: LineFacts, judgement: LineVerdict, settings: ProductSyncSettings, *, goes_nothing: bool
) -> Iterator[OverrideFinding]:
    by_default = verdict(replace(line, override=Override.BLANK), settings)
    if judgement.reason is LineReason.LINE_WITHOUT_PRICEBOOK_ENTRY:
        yield OverrideFinding.ALWAYS_WITHOUT_PRICEBOOK_ENTRY
    elif line.is_reference and line.override is Override.ALWAYS:
        yield OverrideFinding.ALWAYS_ON_REFERENCE_ROW
    elif by_default.outcome is judgement.outcome:
        yield OverrideFinding.REPEATS_THE_DEFAULT
    if line.override is Override.NEVER and by_default.goes and goes_nothing:
        yield OverrideFinding.NEVER_LEAVES_NOTHING
    if not line.quote.is_primary:
        yield OverrideFinding.QUOTE_IS_NOT_PRIMARY


CATALOGUE: Final[dict[OverrideFinding, FindingText]] = {
    OverrideFinding.ALWAYS_WITHOUT_PRICEBOOK_ENTRY: FindingText(
        "Always, but no pricebook entry",
        "Salesforce takes no product without a pricebook entry, so the line fails on every push.",
        "Add the product to the price book in this currency, or clear the override.",
    ),
    OverrideFinding.ALWAYS_ON_REFERENCE_ROW: FindingText(
        "Always, on a reference row",
        "Reference rows show the contract as it was and never go.",
        "Clear the override, and set it on the amended line if that was meant.",
    ),
    OverrideFinding.NEVER_LEAVES_NOTHING: FindingText(
        "Never, and nothing else goes",
        "Without the override this line would go; with it the quote brings no product at all, "
        "so that the opportunity's amount no longer follows the quote.",
        "Check that an opportunity without products of this quote is what you want.",
    ),
    OverrideFinding.REPEATS_THE_DEFAULT: FindingText(
        "The override changes nothing",
        "The rules alone come to the same result. Left in place, the override keeps deciding when "
        "the line changes and the rules would say otherwise.",
        "Clear the override.",
    ),
    OverrideFinding.QUOTE_IS_NOT_PRIMARY: FindingText(
        "An override on a quote that is not primary",
        "Only the lines of the primary quote become products, so the override waits.",
        "Set it on the primary quote, or make this quote the primary one.",
    ),
    OverrideFinding.SALESFORCE_SAYS_OTHERWISE: FindingText(
        "Salesforce has another override",
        "monetize__OverrideOpportunitySync__c on the quote item differs from the override here.",
        "Decide which of the two is meant, and make them agree.",
    ),
    OverrideFinding.REMOVED_ARR_STAYS_AWAY: FindingText(
        "A removed line stays away, and its negative amount with it",
        "The amendment removes the line. Its quantity is 0, so the rules keep it off the "
        "opportunity, which then shows what the amendment adds but not what it takes away.",
        "Set the override Always if the opportunity is to show the loss.",
    ),
}


def describe(finding: OverrideFinding) -> FindingText:
    """The finding in words."""
    return CATALOGUE[finding]
