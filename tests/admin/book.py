"""One of everything the pages show, and the addresses of those pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model

from console.admin.base import list_of, page_of
from console.models import (
    Account,
    ApiClient,
    Association,
    Drift,
    InboundEvent,
    Opportunity,
    OutboundPush,
    PricebookEntry,
    Product,
    Quote,
    SalesforceConnection,
    SyncLog,
)
from tests import builders

FOR_EVERYBODY: tuple[type[Model], ...] = (
    Account,
    Association,
    Drift,
    InboundEvent,
    Opportunity,
    OutboundPush,
    PricebookEntry,
    Product,
    Quote,
    SyncLog,
)
FOR_ADMINISTRATORS: tuple[type[Model], ...] = (ApiClient, SalesforceConnection)


NOBODY_THERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Book:
    """A linked opportunity with everything around it."""

    quote: Quote
    opportunity: Opportunity
    push: OutboundPush
    rows: dict[type[Model], Model]

    def page(self, model: type[Model]) -> str:
        return page_of(self.rows[model])


def make_book() -> Book:
    quote = builders.make_quote(is_primary=True)
    opportunity = quote.opportunity
    assert opportunity is not None
    item = builders.make_item(quote)
    push = builders.make_push(opportunity=opportunity, state=OutboundPush.State.PARKED)
    rows: list[Model] = [
        quote,
        opportunity,
        push,
        quote.account,
        builders.make_pairing(opportunity=opportunity),
        builders.make_drift(opportunity=opportunity, push=push),
        builders.make_event(),
        builders.make_connection(base_url=NOBODY_THERE),
        builders.make_client(),
        builders.make_log_entry(opportunity=opportunity),
    ]
    assert item.product is not None
    assert item.pricebook_entry is not None
    rows += [item.product, item.pricebook_entry]
    return Book(quote, opportunity, push, {type(row): row for row in rows})


def lists(models: tuple[type[Model], ...]) -> list[str]:
    return [list_of(model) for model in models]
