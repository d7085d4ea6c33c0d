"""The Salesforce half of the sample: records as the org wants them, and how they get there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import requests

from console.demo.book import (
    Account,
    Book,
    Line,
    LooseQuoteRecord,
    Pricebook,
    PricebookEntry,
    Product,
    Quote,
    Record,
    RecordProduct,
    Seller,
)
from console.demo.figures import arr_of, incremental_arr_of, year_arr_of

TIMEOUT_SECONDS: Final = 60


class OrgRefused(Exception):
    """The local org did not take the records; its own words."""


def records(book: Book) -> dict[str, list[dict[str, Any]]]:
    """Object name -> records, with the ids and the references that the book gives them."""
    record_of = {each.mn_id: each.salesforce_id for each in book.records if each.mn_id}
    named = {each.primary_quote_salesforce_id: each.salesforce_id for each in book.records}
    quotes = [each for each in book.quotes if each.salesforce_id is not None]
    parents = _parents(quotes, record_of=record_of, named=named)
    return {
        "User": [_user(each) for each in book.sellers],
        "Account": [_account(each) for each in book.accounts],
        "Product2": [_product(each) for each in book.products],
        "Pricebook2": [_pricebook(each) for each in book.pricebooks],
        "PricebookEntry": [_entry(each) for each in book.entries],
        "monetize__Quote__c": [
            *(_quote(each, parents.get(each.opportunity_mn_id or "")) for each in quotes),
            *(_loose_quote(each) for each in book.loose_quotes),
        ],
        "monetize__QuoteItem__c": [
            _item(line, quote) for quote in quotes for line in quote.lines if not line.is_reference
        ],
        "Opportunity": [_opportunity(each) for each in book.records],
        "OpportunityLineItem": [
            _record_product(product, each) for each in book.records for product in each.products
        ],
    }


def load(url: str, wanted: Mapping[str, list[dict[str, Any]]]) -> dict[str, int]:
    """How many records of each object the org took.

    Errors: OrgRefused when it cannot be reached or did not take them all
    """
    try:
        answer = requests.post(f"{url}/localorg/load", json=wanted, timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        raise OrgRefused(f"the local org at {url} cannot be reached: {error}") from error
    if not answer.ok:
        raise OrgRefused(f"the local org refused the records: {answer.text[:500]}")
    taken = {name: len(ids) for name, ids in answer.json().items()}
    if taken != {name: len(rows) for name, rows in wanted.items()}:
        raise OrgRefused(f"the local org took only some of the records: {taken}")
    return taken


def _parents(
    quotes: list[Quote], *, record_of: dict[str, str], named: dict[str | None, str]
) -> dict[str, str]:
    """MN opportunity id -> the Salesforce opportunity under which its quotes hang."""
    found = {
        quote.opportunity_mn_id: named[quote.salesforce_id]
        for quote in quotes
        if quote.opportunity_mn_id is not None and quote.salesforce_id in named
    }
    return {**found, **record_of}


def _number(value: Decimal) -> str:
    """As text, which JSON hands on without making a binary fraction of it."""
    return str(value)


def _user(seller: Seller) -> dict[str, Any]:
    username = f"{seller.name.lower().replace(' ', '.')}@demo.example"
    return {
        "Id": seller.salesforce_id,
        "Name": seller.name,
        "Username": username,
        "Email": username,
    }


def _account(account: Account) -> dict[str, Any]:
    known = account.is_matched
    return {
        "Id": account.salesforce_id,
        "Name": account.name,
        "Website": account.website,
        "Industry": account.industry,
        "BillingCountry": account.country,
        "CurrencyIsoCode": account.currency,
        "OwnerId": account.owner.salesforce_id,
        "monetize__Id__c": account.mn_id if known else None,
        "monetize__BillingCurrency__c": account.currency if known else None,
        "monetize__BillingStatus__c": "ACTIVE" if known else None,
        "monetize__EnableSync__c": known,
        "monetize__LastSyncDate__c": account.updated_at.isoformat() if known else None,
    }


def _product(product: Product) -> dict[str, Any]:
    return {
        "Id": product.salesforce_id,
        "Name": product.full_name,
        "ProductCode": product.product_id,
        "Family": product.offering,
        "IsActive": product.is_active,
        "monetize__ExternalId__c": product.mn_id,
        "monetize__OfferingId__c": product.offering_id,
        "monetize__ProductId__c": product.product_id,
        "monetize__OfferingName__c": product.offering,
        "monetize__ProductType__c": product.type,
    }


def _pricebook(book: Pricebook) -> dict[str, Any]:
    return {
        "Id": book.salesforce_id,
        "Name": book.name,
        "IsActive": True,
        "IsStandard": book.is_standard,
    }


def _entry(entry: PricebookEntry) -> dict[str, Any]:
    return {
        "Id": entry.salesforce_id,
        "Pricebook2Id": entry.pricebook.salesforce_id,
        "Product2Id": entry.product.salesforce_id,
        "UnitPrice": _number(entry.unit_price),
        "CurrencyIsoCode": entry.currency,
        "IsActive": entry.product.is_active,
    }


def _quote(quote: Quote, parent: str | None) -> dict[str, Any]:
    return {
        "Id": quote.salesforce_id,
        "Name": f"{quote.description} {quote.mn_id}",
        "monetize__Id__c": quote.mn_id,
        "monetize__Opportunity__c": parent,
        "monetize__Account__c": quote.account.salesforce_id,
        "monetize__Status__c": quote.status.value,
        "monetize__Type__c": quote.type,
        "monetize__TotalAmount__c": _number(quote.amount),
        "CurrencyIsoCode": quote.currency,
        "monetize__ContractStartDate__c": quote.start.isoformat(),
        "monetize__ContractEndDate__c": quote.end.isoformat(),
    }


def _loose_quote(quote: LooseQuoteRecord) -> dict[str, Any]:
    return {
        "Id": quote.salesforce_id,
        "Name": quote.description,
        "monetize__Id__c": quote.mn_id,
        "monetize__Opportunity__c": quote.record_id,
        "monetize__Account__c": quote.account.salesforce_id,
        "monetize__Status__c": "SENT",
        "monetize__Type__c": "NEW",
        "CurrencyIsoCode": quote.account.currency,
    }


def _item(line: Line, quote: Quote) -> dict[str, Any]:
    return {
        "Id": line.salesforce_id,
        "Name": line.product.full_name if line.product else "Line without a product",
        "monetize__Id__c": line.mn_id,
        "monetize__Quote__c": quote.salesforce_id,
        "monetize__Product__c": line.product.salesforce_id if line.product else None,
        "monetize__PricebookEntry__c": line.entry.salesforce_id if line.entry else None,
        "CurrencyIsoCode": quote.currency,
        "monetize__StartDate__c": line.start.isoformat(),
        "monetize__EndDate__c": line.end.isoformat(),
        "monetize__AmendmentStatus__c": line.amendment_status,
        "monetize__OverrideOpportunitySync__c": line.override or None,
        **{name: _number(value) for name, value in _figures(line, quote)},
    }


def _figures(line: Line, quote: Quote) -> Iterator[tuple[str, Decimal]]:
    yield "monetize__Quantity__c", line.quantity
    yield "monetize__UnitPrice__c", line.unit_price
    yield "monetize__Amount__c", line.amount
    yield "monetize__ARR__c", arr_of(line)
    yield "monetize__IncrementalARR__c", incremental_arr_of(line, quote)
    for year in (1, 2, 3):
        yield f"monetize__Year{year}ARR__c", year_arr_of(line, quote, year=year)


def _opportunity(record: Record) -> dict[str, Any]:
    return {
        "Id": record.salesforce_id,
        "Name": record.name,
        "AccountId": record.account.salesforce_id,
        "StageName": record.stage,
        "CloseDate": record.close_date.isoformat(),
        "Amount": None if record.amount is None else _number(record.amount),
        "CurrencyIsoCode": record.currency,
        "OwnerId": record.owner.salesforce_id,
        "Type": record.type,
        "Pricebook2Id": record.pricebook.salesforce_id if record.pricebook else None,
        "monetize__Id__c": record.mn_id,
        "monetize__PrimaryQuote__c": record.primary_quote_salesforce_id,
        "IsDeleted": record.is_deleted,
        **_last_change(record),
    }


def _last_change(record: Record) -> dict[str, Any]:
    """The org's own user and the present time, unless the book says otherwise."""
    found: dict[str, Any] = {}
    if record.changed_at is not None:
        found["LastModifiedDate"] = record.changed_at.isoformat()
    if record.changed_by is not None:
        found["LastModifiedById"] = record.changed_by.salesforce_id
    return found


def _record_product(product: RecordProduct, record: Record) -> dict[str, Any]:
    return {
        "Id": product.salesforce_id,
        "OpportunityId": record.salesforce_id,
        "PricebookEntryId": product.entry_id,
        "Quantity": _number(product.quantity),
        "TotalPrice": _number(product.total),
        "ServiceDate": product.start,
        "MN_Quote_Item_Id__c": product.line_mn_id,
    }
