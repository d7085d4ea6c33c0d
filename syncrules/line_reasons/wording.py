"""What is said of each reason, by what becomes of the line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from syncrules.line_reasons.codes import LineOutcome, LineReason
from syncrules.reasons import Owner


@dataclass(frozen=True, slots=True)
class LineReasonText:
    outcome: LineOutcome
    title: str
    explanation: str
    remedy: str
    owner: Owner


def _goes(title: str, explanation: str) -> LineReasonText:
    return LineReasonText(LineOutcome.GOES, title, explanation, "Nothing.", Owner.NOBODY)


_stays_away = partial(LineReasonText, LineOutcome.STAYS_AWAY)
_fails = partial(LineReasonText, LineOutcome.FAILS)

GOES: Final = {
    LineReason.MEETS_THE_RULES: _goes(
        "Meets every criterion",
        "The line is copied to the opportunity with the amount shown.",
    ),
    LineReason.OVERRIDE_ALWAYS: _goes(
        "Override: Always",
        "The override sends the line whatever the criteria say.",
    ),
    LineReason.ALREADY_SO: _goes(
        "Salesforce already has it so",
        "The opportunity product holds these values; nothing is sent.",
    ),
    LineReason.PRICEBOOK_ENTRY_CHANGED: _goes(
        "Replaced, because its pricebook entry changed",
        "Salesforce does not let a product change its pricebook entry, so the old product is "
        "deleted and a new one takes its place. What people added to the old one goes with it.",
    ),
}

STAYS_AWAY: Final = {
    LineReason.PRODUCT_SYNC_DISABLED: _stays_away(
        "Product sync is disabled",
        "Disable Product Sync is set. No product is created, changed or deleted; those already in "
        "Salesforce stay as they are.",
        "Clear Disable Product Sync in the product sync settings.",
        Owner.REVOPS,
    ),
    LineReason.REFERENCE_ROW: _stays_away(
        "A reference row of the amendment",
        "The row shows the contract as it was before the amendment. It sells nothing, so it never "
        "goes, not even with the override Always.",
        "Nothing.",
        Owner.NOBODY,
    ),
    LineReason.OVERRIDE_NEVER: _stays_away(
        "Override: Never",
        "The override keeps the line off the opportunity.",
        "Clear the override if the line is to go by the rules.",
        Owner.REVOPS,
    ),
    LineReason.PRODUCT_NOT_SET: _stays_away(
        "No product on the line",
        "A line goes only when its product is set.",
        "Set the product on the quote line.",
        Owner.SALES_REP,
    ),
    LineReason.PRICEBOOK_ENTRY_NOT_SET: _stays_away(
        "No pricebook entry on the line",
        "A line goes only when its pricebook entry is set.",
        "Add the product to the price book in this currency.",
        Owner.SALESFORCE_ADMIN,
    ),
    LineReason.QUANTITY_IS_ZERO: _stays_away(
        "The quantity is 0",
        "A line of quantity 0 goes only when its product is a usage product. Lines that an "
        "amendment removed usually stop here, and their negative ARR with them.",
        "Set the override Always if this line is to count on the opportunity.",
        Owner.REVOPS,
    ),
    LineReason.ZERO_USAGE_LEFT_OUT: _stays_away(
        "Usage of quantity 0 is left out by the settings",
        "Usage lines may go with quantity 0, but the settings leave such lines out.",
        "Choose another handling of zero usage in the settings, or set the override Always.",
        Owner.REVOPS,
    ),
    LineReason.UNCHANGED_BY_AMENDMENT: _stays_away(
        "The amendment does not change this line",
        "Of an amendment only added, updated and removed lines go.",
        "Nothing, unless the line should count here: then set the override Always.",
        Owner.NOBODY,
    ),
    LineReason.LINE_OF_ANOTHER_QUOTE: _stays_away(
        "Not a line of this quote",
        "The product was copied from a line of another quote, or from one since deleted. It goes "
        "away with the primary quote it came from.",
        "Nothing.",
        Owner.NOBODY,
    ),
    LineReason.DUPLICATE_PRODUCT: _stays_away(
        "A second product for the same line",
        "Two opportunity products carry this line's id, as after cloning. The older one is kept.",
        "Make the quote item id of the opportunity product unique in Salesforce.",
        Owner.SALESFORCE_ADMIN,
    ),
}

FAILS: Final = {
    LineReason.LINE_WITHOUT_PRICEBOOK_ENTRY: _fails(
        "Override Always, but no pricebook entry",
        "Salesforce accepts no opportunity product without a pricebook entry. No override can "
        "change that.",
        "Add the product to the price book in this currency, or clear the override.",
        Owner.SALESFORCE_ADMIN,
    ),
    LineReason.AMOUNT_FIELD_UNKNOWN: _fails(
        "The line has no such amount field",
        "The chosen amount field is neither built in nor among the values read for this line.",
        "Choose another amount field, or have the field's values read from Salesforce.",
        Owner.REVOPS,
    ),
    LineReason.AMOUNT_IS_BLANK: _fails(
        "The amount is blank",
        "The chosen amount field holds nothing on this line. Blank is not 0, so nothing is sent.",
        "Fill the field, let its formula treat blanks as zero, or choose another field.",
        Owner.REVOPS,
    ),
    LineReason.AMOUNT_IS_NOT_CURRENCY: _fails(
        "The amount is not a number",
        "The chosen amount field holds something else than an amount of money on this line.",
        "Choose a Currency field.",
        Owner.REVOPS,
    ),
    LineReason.AMOUNT_FORMULA_BROKEN: _fails(
        "The formula of the amount field no longer compiles",
        "A field that it mentions went away or changed its type, here or in Salesforce. No line "
        "has an amount until the formula is mended; what Salesforce has is left as it is.",
        "Open the field under Currency fields: it shows the place. Mend the formula there.",
        Owner.REVOPS,
    ),
    LineReason.AMOUNT_FORMULA_ERROR: _fails(
        "The formula of the amount field gives #Error! on this line",
        "The formula is sound, but has no value for what this line holds, as a division by 0.",
        "Correct the line, or let the formula answer for such lines, for instance with IFERROR.",
        Owner.REVOPS,
    ),
    LineReason.AMOUNT_NEEDS_CONTRACT_DATES: _fails(
        "The contract's dates are not set",
        "Whether the line reaches the end of the contract, or of a contract year, cannot be told.",
        "Set the contract's start and end on the quote, or choose a field that needs neither.",
        Owner.SALES_REP,
    ),
    LineReason.AMOUNT_OUT_OF_RANGE: _fails(
        "The amount is too large for Salesforce",
        "A currency field holds at most sixteen digits before the decimal point.",
        "Correct the line's quantity or price.",
        Owner.SALES_REP,
    ),
    LineReason.QUANTITY_OUT_OF_RANGE: _fails(
        "Salesforce cannot hold this quantity",
        "A product's quantity has two decimals and at most ten digits before them: this one would "
        "become 0, or does not fit.",
        "Sell in another unit, so that the quantity fits.",
        Owner.REVOPS,
    ),
    LineReason.CURRENCY_MISMATCH: _fails(
        "Quote, pricebook entry and opportunity differ in currency",
        "Salesforce holds all products of an opportunity in the opportunity's currency. Amounts "
        "are never converted.",
        "Use a pricebook entry in the quote's currency; quote and opportunity must agree too.",
        Owner.REVOPS,
    ),
    LineReason.PRICEBOOK_MISMATCH: _fails(
        "The pricebook entry is in another price book than the opportunity",
        "An opportunity has one price book. Changing it would delete every product it has, those "
        "added by hand included.",
        "Add the product to the opportunity's price book.",
        Owner.SALESFORCE_ADMIN,
    ),
    LineReason.PRICEBOOK_ENTRY_INACTIVE: _fails(
        "The pricebook entry is inactive",
        "Salesforce creates no product from an inactive pricebook entry.",
        "Activate the pricebook entry, or give the line an active one.",
        Owner.SALESFORCE_ADMIN,
    ),
    LineReason.PRODUCT_HAS_SCHEDULE: _fails(
        "The product has a schedule in Salesforce",
        "Quantity and total of a product with a revenue or quantity schedule follow the schedule; "
        "Salesforce ignores or refuses other values. It is left as it is.",
        "Remove the schedule in Salesforce, then push again; or set the override Never.",
        Owner.SALESFORCE_ADMIN,
    ),
    LineReason.ACCEPTED_NOT_APPLIED: _fails(
        "Salesforce accepted the product but kept another value",
        "Reading back shows a different value: a flow, a trigger or field security changed or "
        "ignored what was sent.",
        "Look for automation on opportunity products, and check the integration user's rights.",
        Owner.SALESFORCE_ADMIN,
    ),
}
