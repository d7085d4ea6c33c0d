"""Rows of quote lines as facts: what every column becomes, with a constant number of queries."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console import custom_fields, product_settings
from console.line_facts import quote_facts
from console.models import AmountField, Product, ProductSyncSetting, Quote
from syncrules.amount_fields import FORMULA_BROKEN, FORMULA_ERROR, Amount, amount_of
from syncrules.line_facts import LineRole, Override, ProductType, QuoteType
from syncrules.line_reasons import LineReason
from syncrules.sync_products import ProductSyncSettings, ZeroUsage
from tests.builders import make_item, make_product, make_quote

pytestmark = pytest.mark.django_db
DOCUMENT_FORMULA = (
    'IF( TEXT(monetize__Product__r.monetize__ProductType__c) = "ONETIME", '
    "monetize__Amount__c, monetize__IncrementalARR__c )"
)


def formula(name: str, source: str, **columns: str) -> AmountField:
    return AmountField.objects.create(
        name=name, label=name, kind=AmountField.Kind.FORMULA, formula=source, **columns
    )


def discovered(name: str) -> AmountField:
    return AmountField.objects.create(name=name, label=name, kind=AmountField.Kind.DISCOVERED)


def values_of(quote: Quote, name: str) -> list[str | None]:
    return [
        line.custom_values.get(name, "no such") for line in quote_facts([quote.pk])[quote.pk].lines
    ]


def test_a_line_carries_what_its_row_says() -> None:
    quote = make_quote(is_primary=True, type=QuoteType.AMENDMENT, status="SENT")
    item = make_item(
        quote,
        position=3,
        role=LineRole.REFERENCE,
        amendment_status="UPDATED",
        previous_arr=Decimal(600),
        override="Always",
        salesforce_override="Never",
        custom_values={"Own__c": "5.00"},
        custom_read_at=timezone.now(),
    )

    facts = quote_facts([quote.pk])[quote.pk]

    (line,) = facts.lines
    assert (facts.terms.mn_id, facts.terms.type) == (quote.mn_id, QuoteType.AMENDMENT)
    assert (facts.terms.is_primary, facts.terms.is_finalized) == (True, False)
    assert line.mn_id == item.mn_id
    assert line.product is not None
    assert line.product.type is ProductType.ADVANCE
    assert line.pricebook_entry is not None
    assert line.pricebook_entry.salesforce_id == item.pricebook_entry.salesforce_id  # type: ignore[union-attr]
    assert (line.override, line.salesforce_override) == (Override.ALWAYS, Override.NEVER)
    assert (line.role, line.previous_arr, line.position) == (LineRole.REFERENCE, Decimal(600), 3)
    assert line.custom_values == {"Own__c": "5.00"}


def test_an_override_that_was_never_read_is_unknown_and_not_blank() -> None:
    quote = make_quote()
    make_item(quote, product=None, pricebook_entry=None)

    (line,) = quote_facts([quote.pk])[quote.pk].lines

    assert line.salesforce_override is None
    assert line.product is None
    assert line.pricebook_entry is None


@pytest.mark.parametrize(("status", "deal"), [("ACCEPTED", "ACTIVE"), ("SENT", "WON")])
def test_a_quote_is_final_by_its_own_state_or_its_deals(status: str, deal: str) -> None:
    quote = make_quote(status=status)
    assert quote.opportunity is not None
    quote.opportunity.status = deal
    quote.opportunity.save(update_fields=["status"])

    assert quote_facts([quote.pk])[quote.pk].terms.is_finalized


def test_many_quotes_with_many_lines_take_five_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    quotes = [make_quote() for _ in range(3)]
    for quote in quotes:
        for _ in range(4):
            make_item(quote)

    with django_assert_num_queries(5):
        found = quote_facts([quote.pk for quote in quotes])

    assert [len(facts.lines) for facts in found.values()] == [4, 4, 4]


# --- Custom fields -------------------------------------------------------------------------------


def test_the_formula_of_the_document_is_computed_on_every_line() -> None:
    formula("Opportunity_Product_Amount__c", DOCUMENT_FORMULA)
    quote = make_quote()
    make_item(
        quote,
        position=1,
        amount=Decimal(500),
        product=make_product(product_type=Product.Type.ONETIME),
    )
    make_item(quote, position=2, amount=Decimal(36000), quantity=10, unit_price=Decimal(1200))

    assert values_of(quote, "Opportunity_Product_Amount__c") == ["500.00", "12000.00"]


def test_a_formula_may_build_on_fields_of_the_org_and_on_other_formulas() -> None:
    discovered("Uplift__c")
    formula("Base__c", "monetize__Amount__c + Uplift__c")
    formula("Twice__c", "Base__c * 2")
    quote = make_quote()
    make_item(quote, amount=Decimal(100), custom_values={"Uplift__c": "5.50"})

    assert values_of(quote, "Twice__c") == ["211.00"]
    assert custom_fields.in_force().to_be_read("Twice__c") == {"Uplift__c"}


def test_a_formula_over_a_field_that_was_never_read_has_no_value() -> None:
    """Taken for blank, the field would make the amount too small without anybody noticing."""
    discovered("Uplift__c")
    formula("Base__c", "monetize__Amount__c + Uplift__c")
    quote = make_quote()
    make_item(quote)

    assert values_of(quote, "Base__c") == ["no such"]


@pytest.mark.parametrize(
    ("source", "said", "reason"),
    [
        ("monetize__Amount__c / 0", FORMULA_ERROR, LineReason.AMOUNT_FORMULA_ERROR),
        ("Gone__c + 1", FORMULA_BROKEN, LineReason.AMOUNT_FORMULA_BROKEN),
    ],
)
def test_what_cannot_be_computed_is_no_amount(source: str, said: str, reason: LineReason) -> None:
    formula("Broken__c", source)
    quote = make_quote()
    make_item(quote)

    assert values_of(quote, "Broken__c") == [said]
    (line,) = quote_facts([quote.pk])[quote.pk].lines
    assert amount_of(line, "Broken__c") == Amount(None, reason)


def test_a_blank_result_stays_blank() -> None:
    formula("Blank__c", "IF(monetize__Amount__c > 0, NULL, 1)")
    quote = make_quote()
    make_item(quote)

    assert values_of(quote, "Blank__c") == [None]


# --- Settings ------------------------------------------------------------------------------------


def test_without_a_choice_the_recommended_settings_hold() -> None:
    found = product_settings.in_force()

    assert (found.settings, found.revision) == (ProductSyncSettings(), None)


def test_the_active_revision_holds() -> None:
    ProductSyncSetting.objects.create(reason_text="first")
    active = ProductSyncSetting.objects.create(
        amount_field="monetize__Amount__c",
        is_disabled=True,
        zero_usage=ZeroUsage.LEAVE_OUT,
        is_active=True,
        reason_text="second",
    )

    found = product_settings.in_force()

    assert found.revision == active.pk
    assert found.settings == ProductSyncSettings(
        "monetize__Amount__c", is_disabled=True, zero_usage=ZeroUsage.LEAVE_OUT
    )
