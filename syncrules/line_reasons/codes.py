"""Which reasons there are for what becomes of a line."""

from __future__ import annotations

from enum import StrEnum


class LineOutcome(StrEnum):
    """Whether a line becomes an opportunity product.

    Staying away and failing differ: a line stays away because a rule says so; it fails when it
    ought to go and cannot. What Salesforce has of a failing line is left as it is.
    """

    GOES = "goes"
    STAYS_AWAY = "stays_away"
    FAILS = "fails"


class LineReason(StrEnum):
    # it goes
    MEETS_THE_RULES = "meets_the_rules"
    OVERRIDE_ALWAYS = "override_always"
    ALREADY_SO = "already_so"
    PRICEBOOK_ENTRY_CHANGED = "pricebook_entry_changed"
    # it stays away, or goes away
    PRODUCT_SYNC_DISABLED = "product_sync_disabled"
    REFERENCE_ROW = "reference_row"
    OVERRIDE_NEVER = "override_never"
    PRODUCT_NOT_SET = "product_not_set"
    PRICEBOOK_ENTRY_NOT_SET = "pricebook_entry_not_set"
    QUANTITY_IS_ZERO = "quantity_is_zero"
    ZERO_USAGE_LEFT_OUT = "zero_usage_left_out"
    UNCHANGED_BY_AMENDMENT = "unchanged_by_amendment"
    LINE_OF_ANOTHER_QUOTE = "line_of_another_quote"
    DUPLICATE_PRODUCT = "duplicate_product"
    # it ought to go and cannot
    LINE_WITHOUT_PRICEBOOK_ENTRY = "line_without_pricebook_entry"
    AMOUNT_FIELD_UNKNOWN = "amount_field_unknown"
    AMOUNT_IS_BLANK = "amount_is_blank"
    AMOUNT_IS_NOT_CURRENCY = "amount_is_not_currency"
    AMOUNT_FORMULA_BROKEN = "amount_formula_broken"
    AMOUNT_FORMULA_ERROR = "amount_formula_error"
    AMOUNT_NEEDS_CONTRACT_DATES = "amount_needs_contract_dates"
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"
    QUANTITY_OUT_OF_RANGE = "quantity_out_of_range"
    CURRENCY_MISMATCH = "currency_mismatch"
    PRICEBOOK_MISMATCH = "pricebook_mismatch"
    PRICEBOOK_ENTRY_INACTIVE = "pricebook_entry_inactive"
    PRODUCT_HAS_SCHEDULE = "product_has_schedule"
    ACCEPTED_NOT_APPLIED = "accepted_not_applied"
