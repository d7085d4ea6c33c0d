"""The MonetizeNow half of the sample, as rows of the console's database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from console.demo.book import Account as SampleAccount
from console.demo.book import Book, Line
from console.demo.book import Quote as SampleQuote
from console.demo.figures import product_amount_of
from console.models import (
    Account,
    Association,
    Opportunity,
    OutboundPush,
    PricebookEntry,
    Product,
    Quote,
    QuoteItem,
)

LINKED_BY: Final = "link_via_primary_quote"
PUSH_TRIGGER: Final = "sample_data"


def is_there(book: Book) -> bool:
    """Whether this sample was written before."""
    return Opportunity.objects.filter(mn_id=book.opportunities[0].mn_id).exists()


@transaction.atomic
def write(book: Book, *, as_of: datetime) -> dict[str, int]:
    """How many rows of each kind were written; all of them or none."""
    accounts = _accounts(book)
    products, entries = _catalog(book, as_of=as_of)
    opportunities = _opportunities(book, accounts, as_of=as_of)
    quotes = _quotes(book, accounts, opportunities, as_of=as_of)
    items = QuoteItem.objects.bulk_create(_items(book, quotes, products, entries))
    _designate_primaries(book, opportunities, quotes)
    _restrict(book, quotes)
    associations = _associate(book, opportunities)
    pushes = _queue(book, opportunities)
    return {
        "accounts": len(accounts),
        "products": len(products),
        "pricebook entries": len(entries),
        "opportunities": len(opportunities),
        "quotes": len(quotes),
        "quote items": len(items),
        "associations": associations,
        "pushes": pushes,
    }


def _accounts(book: Book) -> dict[str, Account]:
    rows = Account.objects.bulk_create(
        Account(
            mn_id=each.mn_id,
            name=each.name,
            salesforce_id=each.salesforce_id if each.is_matched else None,
            website=each.website,
            currency=each.currency,
            mn_updated_at=each.updated_at,
        )
        for each in book.accounts
        if each.mn_id is not None
    )
    return {row.mn_id: row for row in rows}


def _catalog(
    book: Book, *, as_of: datetime
) -> tuple[dict[str, Product], dict[str, PricebookEntry]]:
    products = Product.objects.bulk_create(
        Product(
            mn_id=each.mn_id,
            name=each.full_name,
            product_type=each.type,
            salesforce_id=each.salesforce_id,
            is_active=each.is_active,
            mn_updated_at=as_of,
        )
        for each in book.products
    )
    by_id = {row.mn_id: row for row in products}
    entries = PricebookEntry.objects.bulk_create(
        PricebookEntry(
            mn_id=each.mn_id,
            product=by_id[each.product.mn_id],
            salesforce_id=each.salesforce_id,
            pricebook_salesforce_id=each.pricebook.salesforce_id,
            currency=each.currency,
            unit_price=each.unit_price,
            is_active=each.product.is_active,
            mn_updated_at=as_of,
        )
        for each in book.entries
    )
    return by_id, {row.mn_id: row for row in entries}


def _row_of(account: SampleAccount, accounts: dict[str, Account]) -> Account:
    assert account.mn_id is not None, f"{account.name} is in Salesforce only"
    return accounts[account.mn_id]


def _opportunities(
    book: Book, accounts: dict[str, Account], *, as_of: datetime
) -> dict[str, Opportunity]:
    rows = Opportunity.objects.bulk_create(
        Opportunity(
            mn_id=each.mn_id,
            name=each.name,
            account=_row_of(each.account, accounts),
            status=each.status,
            status_since=each.status_since,
            currency=each.currency,
            owner_name=each.owner.name,
            close_date=each.close_date,
            creation_reference=each.creation_reference,
            mn_updated_at=as_of,
        )
        for each in book.opportunities
    )
    return {row.mn_id: row for row in rows}


def _quotes(
    book: Book,
    accounts: dict[str, Account],
    opportunities: dict[str, Opportunity],
    *,
    as_of: datetime,
) -> dict[str, Quote]:
    rows = Quote.objects.bulk_create(
        Quote(
            mn_id=each.mn_id,
            opportunity=opportunities[each.opportunity_mn_id] if each.opportunity_mn_id else None,
            account=_row_of(each.account, accounts),
            type=each.type,
            status=each.status,
            status_since=each.status_since,
            description=each.description,
            currency=each.currency,
            amount=each.amount,
            contract_start=each.start,
            contract_end=each.end,
            mn_updated_at=as_of,
        )
        for each in book.quotes
    )
    # Creating a row stamps it with the present moment; these are older.
    Quote.objects.filter(pk__in=[row.pk for row in rows]).update(updated_at=F("status_since"))
    return {row.mn_id: row for row in rows}


def _items(
    book: Book,
    quotes: dict[str, Quote],
    products: dict[str, Product],
    entries: dict[str, PricebookEntry],
) -> Iterator[QuoteItem]:
    for quote in book.quotes:
        for position, line in enumerate(quote.lines, start=1):
            yield QuoteItem(
                mn_id=line.mn_id,
                quote=quotes[quote.mn_id],
                position=position,
                product=products[line.product.mn_id] if line.product else None,
                pricebook_entry=entries[line.entry.mn_id] if line.entry else None,
                quantity=line.quantity,
                unit_price=line.unit_price,
                billing_months=line.billing_months,
                amount=line.amount,
                start_date=line.start,
                end_date=line.end,
                role=line.role,
                amendment_status=line.amendment_status,
                previous_arr=line.previous_arr,
                override=line.override,
                custom_values=_custom_values(line, quote),
            )


def _custom_values(line: Line, quote: SampleQuote) -> dict[str, str]:
    """The currency field that this customer added to the Quote Item in Salesforce."""
    if line.is_reference:
        return {}
    return {"Opportunity_Product_Amount__c": str(product_amount_of(line, quote))}


def _designate_primaries(
    book: Book, opportunities: dict[str, Opportunity], quotes: dict[str, Quote]
) -> None:
    """After the quotes, since an opportunity and its primary quote refer to one another."""
    changed = []
    for each in book.opportunities:
        if each.primary_quote_mn_id is not None:
            row = opportunities[each.mn_id]
            row.primary_quote = quotes[each.primary_quote_mn_id]
            row.primary_set_at = each.primary_set_at
            row.primary_set_how = each.primary_set_how
            changed.append(row)
    fields = ["primary_quote", "primary_set_at", "primary_set_how"]
    Opportunity.objects.bulk_update(changed, fields)


def _restrict(book: Book, quotes: dict[str, Quote]) -> None:
    for each in book.quotes:
        if each.reader_group:
            quotes[each.mn_id].readers.add(Group.objects.get(name=each.reader_group))


def _associate(book: Book, opportunities: dict[str, Opportunity]) -> int:
    rows = Association.objects.bulk_create(
        Association(
            opportunity=opportunities[each.opportunity_mn_id],
            salesforce_id=each.salesforce_id,
            linked_by=LINKED_BY,
            actor_name="console (poll)",
            ended_at=each.ended_at,
            ended_because=each.ended_because,
        )
        for each in book.associations
    )
    for row, each in zip(rows, book.associations, strict=True):
        row.linked_at = each.linked_at
    Association.objects.bulk_update(rows, ["linked_at"])
    return len(rows)


def _queue(book: Book, opportunities: dict[str, Opportunity]) -> int:
    rows = OutboundPush.objects.bulk_create(
        OutboundPush(
            opportunity=opportunities[each.opportunity_mn_id],
            trigger=PUSH_TRIGGER,
            actor_name=each.requested_by,
            requested_at=Now(),
            not_before=Now(),
        )
        for each in book.pushes
    )
    return len(rows)
