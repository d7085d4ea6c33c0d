"""Products in bulk: how many calls they take, and custom currency fields that are read for them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from console import jobs
from console.models import AmountField, Product, QuoteItem, SalesforceConnection, SyncLog
from syncrules.line_facts import Override
from syncrules.reasons import Reason
from tests.builders import make_item, make_product, make_quote
from tests.deal import AMOUNT, ITEM_ID, Deal, choose, make_deal
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(org: Org, connected: SalesforceConnection) -> Deal:
    return make_deal(org)


# --- How many calls ------------------------------------------------------------------------------


def calls_of(org: Org, *, since: int) -> list[str]:
    return [
        f"{each['method']} {each['path'].rpartition('v62.0/')[2]}"
        for each in org.requests()[since:]
        if "/services/data/" in each["path"]
    ]


def long_quote(deal: Deal, lines: int = 1000) -> None:
    product = make_product()
    entry = deal.entry(product)
    QuoteItem.objects.bulk_create(
        QuoteItem(
            mn_id=f"long_{deal.quote.pk}_{number}",
            quote=deal.quote,
            position=number,
            product=product,
            pricebook_entry=entry,
            quantity=1,
            unit_price=Decimal(10),
            amount=Decimal(10),
        )
        for number in range(lines)
    )


def test_a_quote_of_a_thousand_lines_takes_one_call_per_step(deal: Deal, org: Org) -> None:
    """Five collections of two hundred in one composite call, and one call each to read."""
    choose(amount_field=AMOUNT)
    long_quote(deal)
    before = len(org.requests())

    deal.push()

    assert calls_of(org, since=before) == ["POST composite"] * 3
    assert len(deal.products()) == 1000
    assert deal.amount == 10_000

    QuoteItem.objects.update(amount=Decimal(20))
    before = len(org.requests())
    deal.push()
    assert calls_of(org, since=before) == ["POST composite"] * 3
    assert deal.amount == 20_000


def test_many_deals_share_their_calls(org: Org, connected: SalesforceConnection) -> None:
    deals = [make_deal(org) for _ in range(20)]
    for deal in deals:
        deal.ramp()
        deal.request()
    before = len(org.requests())

    jobs.drain_outbound()

    assert calls_of(org, since=before) == [
        "POST composite",  # twenty opportunities and their products
        "POST composite/sobjects",  # sixty new products
        "POST composite",  # read back
    ]
    assert SyncLog.objects.filter(reason=Reason.PRODUCTS_PUSHED).count() == 20


# --- Custom fields of the org --------------------------------------------------------------------


@pytest.fixture
def own_field(deal: Deal) -> str:
    """A currency field that the org's administrator added to the quote item, chosen as amount."""
    name = "Opportunity_Product_Amount__c"
    AmountField.objects.create(name=name, label="Own", kind=AmountField.Kind.DISCOVERED)
    choose(amount_field=name)
    return name


def in_salesforce(deal: Deal, item: QuoteItem, *, amount: int, **fields: str) -> None:
    """The line's quote item; this org computes its own field from the incremental ARR."""
    record = sf_id("a0B")
    deal.org.add_quote(record, f"record_{item.mn_id}")
    deal.org.load(
        monetize__QuoteItem__c=[
            {
                "Name": item.mn_id,
                "monetize__Id__c": item.mn_id,
                "monetize__Quote__c": record,
                "monetize__IncrementalARR__c": amount,
                **fields,
            }
        ]
    )


def test_the_amount_is_read_from_the_orgs_own_field(deal: Deal, own_field: str) -> None:
    item = deal.line()
    in_salesforce(deal, item, amount=4321, monetize__OverrideOpportunitySync__c="Always")

    deal.push()

    item.refresh_from_db()
    assert deal.totals() == [4321]
    assert item.custom_values == {own_field: "4321.0"}
    assert item.salesforce_override == Override.ALWAYS
    assert item.custom_read_at is not None


def test_a_line_that_the_org_does_not_have_fails_by_name(deal: Deal, own_field: str) -> None:
    """Also when a value was read once: it may not be today's."""
    item = deal.line(custom_values={own_field: "99.00"})
    known = deal.line()
    in_salesforce(deal, known, amount=100)

    _, entry = deal.push()

    item.refresh_from_db()
    assert [each[ITEM_ID] for each in deal.products()] == [known.mn_id]
    assert item.custom_values == {}
    assert entry.reason == Reason.PRODUCTS_PARTLY_PUSHED
    assert "The line has no such amount field" in str(entry.decision)


def test_a_formula_written_here_decides_the_amount(deal: Deal) -> None:
    AmountField.objects.create(
        name="Own__c",
        label="One-time by amount",
        kind=AmountField.Kind.FORMULA,
        formula='IF( TEXT(monetize__Product__r.monetize__ProductType__c) = "ONETIME", '
        "monetize__Amount__c, monetize__IncrementalARR__c )",
    )
    choose(amount_field="Own__c")
    deal.line(kind=Product.Type.ONETIME, amount=Decimal(500), billing_months=0)
    deal.line(amount=Decimal(36000))

    deal.push()

    assert sorted(deal.totals()) == [500, 12000]


def test_lines_of_other_quotes_are_not_asked_for(deal: Deal, own_field: str) -> None:
    stranger = make_item(make_quote())
    in_salesforce(deal, stranger, amount=1)
    in_salesforce(deal, deal.line(), amount=2)

    deal.push()

    stranger.refresh_from_db()
    assert stranger.custom_read_at is None
