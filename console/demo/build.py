"""The whole sample for a given day."""

from __future__ import annotations

from datetime import date

from console.demo import accounts, catalog, drifting, plan
from console.demo.book import Book
from console.demo.chance import Ids
from console.demo.days import Calendar
from console.demo.deals import DealMaker
from console.demo.ledger import Ledger


def build(anchor: date) -> Book:
    """The book as it looks on the anchor day: the same ids and amounts whichever day that is."""
    ids, calendar = Ids(), Calendar(anchor)
    staff = accounts.sellers(ids)
    customers = accounts.accounts(ids, calendar, staff)
    goods = catalog.build(ids)
    make = DealMaker(ids, goods, calendar, tuple(each for each in customers if each.is_matched))
    ledger = Ledger(calendar)
    plan.plain_deals(ledger, make)
    linked = plan.linked_deals(ledger, make, goods)
    plan.refused_primaries(ledger, make)
    plan.conflicts(ledger, make, linked)
    strangers = tuple(each for each in customers if not each.is_matched)
    plan.without_primary(ledger, make, strangers)
    plan.leading_nowhere(ledger, make)
    plan.pushes_without_association(ledger, make)
    drifting.settle(ledger, ids)
    drifting.drift(ledger, linked[9:])
    return Book(
        sellers=staff,
        accounts=customers,
        products=goods.products,
        pricebooks=goods.pricebooks,
        entries=goods.entries,
        opportunities=tuple(ledger.opportunities),
        quotes=tuple(ledger.quotes),
        records=tuple(ledger.records),
        loose_quotes=tuple(ledger.loose_quotes),
        associations=tuple(ledger.associations),
        pushes=tuple(ledger.pushes),
        scenarios={name.value: tuple(found) for name, found in ledger.scenarios.items()},
    )
