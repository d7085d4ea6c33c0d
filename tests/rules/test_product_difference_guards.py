"""What Salesforce would refuse becomes a named outcome of its line, while the others go."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from syncrules.line_facts import LineFacts, Override, PricebookEntryFacts, ProductType
from syncrules.line_reasons import LineReason
from syncrules.product_changes import Action
from syncrules.product_difference import ProductDifference, difference
from syncrules.sync_products import ProductSyncSettings, ZeroUsage
from tests.rules.lines import (
    BOOK,
    ENTRY,
    OTHER_BOOK,
    OTHER_ENTRY,
    line,
    quote,
    remote,
    remote_line,
)

SETTINGS = ProductSyncSettings()
BY_AMOUNT = ProductSyncSettings(amount_field="monetize__Amount__c")

Outcome = tuple[Action, LineReason]


def outcomes(found: ProductDifference) -> list[Outcome]:
    return [(change.action, change.reason) for change in found.changes]


def entry(book: str = BOOK, *, currency: str = "USD", **changes: Any) -> PricebookEntryFacts:
    return PricebookEntryFacts("01uQy00000000009AA", book, currency, **changes)


@pytest.mark.parametrize(
    ("changes", "opportunity", "reason"),
    [
        ({"pricebook_entry": entry(OTHER_BOOK)}, {}, LineReason.PRICEBOOK_MISMATCH),
        ({"pricebook_entry": entry(currency="EUR")}, {}, LineReason.CURRENCY_MISMATCH),
        ({}, {"currency": "EUR"}, LineReason.CURRENCY_MISMATCH),
        (
            {"pricebook_entry": entry(currency="EUR")},
            {"currency": None},
            LineReason.CURRENCY_MISMATCH,
        ),
        (
            {"pricebook_entry": entry(is_active=False)},
            {},
            LineReason.PRICEBOOK_ENTRY_INACTIVE,
        ),
        (
            {"pricebook_entry": entry(is_active=False)},
            {"pricebook_salesforce_id": None},
            LineReason.PRICEBOOK_ENTRY_INACTIVE,
        ),
        ({"quantity": Decimal("0.001")}, {}, LineReason.QUANTITY_OUT_OF_RANGE),
    ],
)
def test_a_line_that_salesforce_would_refuse_fails_by_name(
    changes: dict[str, Any], opportunity: dict[str, Any], reason: LineReason
) -> None:
    found = difference(quote(line(**changes)), SETTINGS, remote(**opportunity))
    assert outcomes(found) == [(Action.LEAVE, reason)]
    assert found.changes[0].send == {}
    assert found.pricebook_to_set is None


def test_an_org_without_multiple_currencies_has_nothing_to_compare() -> None:
    found = difference(quote(line()), SETTINGS, remote(currency=None))
    assert outcomes(found) == [(Action.CREATE, LineReason.MEETS_THE_RULES)]
    assert found.currency == "USD"


def test_an_inactive_entry_does_not_stop_an_update() -> None:
    inactive = replace(ENTRY, is_active=False)
    changed = remote_line(quantity=Decimal(1))
    found = difference(quote(line(pricebook_entry=inactive)), SETTINGS, remote([changed]))
    assert outcomes(found) == [(Action.UPDATE, LineReason.MEETS_THE_RULES)]


@pytest.mark.parametrize(
    ("changes", "product", "outcome"),
    [
        (
            {},
            {"total_price": Decimal(1)},
            (Action.LEAVE, LineReason.PRODUCT_HAS_SCHEDULE),
        ),
        (
            {"pricebook_entry": OTHER_ENTRY},
            {},
            (Action.LEAVE, LineReason.PRODUCT_HAS_SCHEDULE),
        ),
        ({"start": "2026-01-01"}, {}, (Action.UPDATE, LineReason.MEETS_THE_RULES)),
        ({}, {}, (Action.LEAVE, LineReason.ALREADY_SO)),
        ({"override": Override.NEVER}, {}, (Action.DELETE, LineReason.OVERRIDE_NEVER)),
    ],
)
def test_a_schedule_holds_quantity_total_and_entry_and_nothing_else(
    changes: dict[str, Any], product: dict[str, Any], outcome: Outcome
) -> None:
    scheduled = remote_line(has_schedule=True, **product)
    found = difference(quote(line(**changes)), SETTINGS, remote([scheduled]))
    assert outcomes(found) == [outcome]
    assert not {"Quantity", "TotalPrice"} & found.changes[0].send.keys()


def priced(number: int, of: PricebookEntryFacts, **changes: Any) -> LineFacts:
    return line(mn_id=f"qtitm_{number}", position=number, pricebook_entry=of, **changes)


def test_an_opportunity_without_a_price_book_gets_the_one_of_most_of_its_lines() -> None:
    lines = [priced(1, ENTRY), priced(2, entry(OTHER_BOOK)), priced(3, entry(OTHER_BOOK))]
    found = difference(quote(*lines), SETTINGS, remote(pricebook_salesforce_id=None))
    assert found.pricebook_to_set == OTHER_BOOK
    assert [(change.line_mn_id, change.reason) for change in found.changes] == [
        ("qtitm_2", LineReason.MEETS_THE_RULES),
        ("qtitm_3", LineReason.MEETS_THE_RULES),
        ("qtitm_1", LineReason.PRICEBOOK_MISMATCH),
    ]


@pytest.mark.parametrize(
    ("of", "changes"),
    [
        (entry(OTHER_BOOK), {"override": Override.NEVER}),
        (entry(OTHER_BOOK, is_active=False), {}),
        (entry(OTHER_BOOK, currency="EUR"), {}),
    ],
    ids=["stays away", "inactive", "foreign"],
)
def test_lines_that_cannot_be_created_have_no_say_in_the_price_book(
    of: PricebookEntryFacts, changes: dict[str, Any]
) -> None:
    lines = [priced(1, ENTRY), priced(2, of, **changes), priced(3, of, **changes)]
    found = difference(quote(*lines), SETTINGS, remote(pricebook_salesforce_id=None))
    assert found.pricebook_to_set == BOOK


def test_of_two_price_books_with_as_many_lines_it_is_always_the_same() -> None:
    lines = [priced(1, entry(OTHER_BOOK)), priced(2, ENTRY)]
    for of_quote in (lines, lines[::-1]):
        bare = remote(pricebook_salesforce_id=None)
        assert difference(quote(*of_quote), SETTINGS, bare).pricebook_to_set == BOOK


def test_a_price_book_that_is_there_is_not_set_again() -> None:
    assert difference(quote(line()), SETTINGS, remote()).pricebook_to_set is None


def test_without_lines_to_create_no_price_book_is_set() -> None:
    stays = quote(line(override=Override.NEVER))
    bare = remote(pricebook_salesforce_id=None)
    assert difference(stays, SETTINGS, bare).pricebook_to_set is None


def test_usage_of_quantity_zero_is_sent_as_one_unit_with_its_amount_or_left_out() -> None:
    usage = line(type=ProductType.USAGE, quantity=Decimal(0), amount=Decimal("99.5"))
    [sent] = difference(quote(usage), BY_AMOUNT, remote()).changes
    assert (sent.send["Quantity"], sent.send["TotalPrice"]) == ("1.00", "99.50")
    leave_out = replace(BY_AMOUNT, zero_usage=ZeroUsage.LEAVE_OUT)
    assert outcomes(difference(quote(usage), leave_out, remote())) == [
        (Action.LEAVE, LineReason.ZERO_USAGE_LEFT_OUT)
    ]


def test_the_currency_of_the_difference_is_the_opportunitys() -> None:
    euros = quote(line(pricebook_entry=entry(currency="EUR")), currency="EUR")
    assert difference(euros, SETTINGS, remote(currency="EUR")).currency == "EUR"
