"""The amount of a line: built-in fields, custom ones, and what stands in the way of a number."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncrules.amount_fields import (
    BUILT_IN,
    RECOMMENDED,
    Amount,
    CustomField,
    amount_of,
    choices,
)
from syncrules.line_reasons import LineReason
from tests.rules.lines import document_ramp, line, terms

OWN = "Opportunity_Product_Amount__c"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("monetize__IncrementalARR__c", "0.00 0.00 12000.00"),
        ("monetize__Amount__c", "300.00 800.00 5000.00"),
        ("monetize__ARR__c", "1200.00 2400.00 12000.00"),
        ("monetize__Year1ARR__c", "0.00 0.00 12000.00"),
        ("monetize__Year2ARR__c", "0.00 0.00 0.00"),
        ("monetize__Year3ARR__c", "0.00 0.00 0.00"),
    ],
)
def test_each_built_in_field_of_the_documents_ramp(field: str, expected: str) -> None:
    amounts = [amount_of(each, field).value for each in document_ramp().lines]
    assert " ".join(map(str, amounts)) == expected


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("120.5", Amount(Decimal("120.50"))),
        ("-0.005", Amount(Decimal("-0.01"))),
        ("0", Amount(Decimal("0.00"))),
        ("-0.001", Amount(Decimal("0.00"))),
        ("1.2E+7", Amount(Decimal("12000000.00"))),
        (" 7 ", Amount(Decimal("7.00"))),
        (None, Amount(None, LineReason.AMOUNT_IS_BLANK)),
        ("", Amount(None, LineReason.AMOUNT_IS_BLANK)),
        (" ", Amount(None, LineReason.AMOUNT_IS_BLANK)),
        ("Gold", Amount(None, LineReason.AMOUNT_IS_NOT_CURRENCY)),
        ("true", Amount(None, LineReason.AMOUNT_IS_NOT_CURRENCY)),
        ("NaN", Amount(None, LineReason.AMOUNT_IS_NOT_CURRENCY)),
        ("Infinity", Amount(None, LineReason.AMOUNT_IS_NOT_CURRENCY)),
        ("1_000", Amount(None, LineReason.AMOUNT_IS_NOT_CURRENCY)),
        ("1,000", Amount(None, LineReason.AMOUNT_IS_NOT_CURRENCY)),
        ("٣", Amount(None, LineReason.AMOUNT_IS_NOT_CURRENCY)),
        ("#Error!", Amount(None, LineReason.AMOUNT_FORMULA_ERROR)),
        ("#Broken!", Amount(None, LineReason.AMOUNT_FORMULA_BROKEN)),
        ("9999999999999999.99", Amount(Decimal("9999999999999999.99"))),
        ("9999999999999999.995", Amount(None, LineReason.AMOUNT_OUT_OF_RANGE)),
        ("1e999", Amount(None, LineReason.AMOUNT_OUT_OF_RANGE)),
    ],
)
def test_a_custom_field_is_read_as_money_or_refused_by_name(
    stored: str | None, expected: Amount
) -> None:
    found = amount_of(line(custom_values={OWN: stored}), OWN)
    assert found == expected
    # Decimals are compared as text later on, where a negative zero would be a difference.
    assert str(found.value) == str(expected.value)


def test_blank_is_not_zero_but_a_named_problem() -> None:
    blank = amount_of(line(custom_values={OWN: None}), OWN)
    zero = amount_of(line(custom_values={OWN: "0"}), OWN)
    assert blank.value is None
    assert zero == Amount(Decimal("0.00"))


def test_a_field_that_the_line_does_not_have_is_unknown() -> None:
    assert amount_of(line(), OWN) == Amount(None, LineReason.AMOUNT_FIELD_UNKNOWN)


def test_a_built_in_field_is_computed_and_not_read() -> None:
    stale = line(custom_values={RECOMMENDED: "1"})
    assert amount_of(stale, RECOMMENDED).value == 12000


@pytest.mark.parametrize("field", ["monetize__IncrementalARR__c", "monetize__Year1ARR__c"])
def test_a_field_that_hangs_on_the_contracts_end_says_when_there_is_none(field: str) -> None:
    undated = line(quote=terms(contract_end=None), end="2026-12-31")
    assert amount_of(undated, field) == Amount(None, LineReason.AMOUNT_NEEDS_CONTRACT_DATES)


def test_an_amount_beyond_what_salesforce_holds_is_refused() -> None:
    huge = line(quantity=Decimal(10**13), unit_price=Decimal(10**13))
    assert amount_of(huge, "monetize__ARR__c") == Amount(None, LineReason.AMOUNT_OUT_OF_RANGE)


def test_incremental_arr_is_offered_first_and_recommended() -> None:
    first, *others = choices([])
    assert (first.name, first.is_recommended) == (RECOMMENDED, True)
    assert [each.name for each in (first, *others)] == list(BUILT_IN)
    assert not any(each.is_recommended or each.why_not for each in others)
    assert all(each.definition for each in others)


def test_own_currency_fields_are_offered_and_others_listed_with_the_reason() -> None:
    own = [
        CustomField("Tier__c", "Tier", "Picklist"),
        CustomField(OWN, "Opportunity Product Amount", "currency"),
        CustomField(RECOMMENDED, "Incremental ARR", "currency"),
    ]
    offered, refused = choices(own)[len(BUILT_IN) :]
    assert (offered.name, offered.why_not) == (OWN, None)
    assert refused.name == "Tier__c"
    assert refused.why_not == (
        "It is a Picklist field; only a Currency field can be an amount of money."
    )
