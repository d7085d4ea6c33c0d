"""What other settings would do to the open linked opportunities, before anybody saves them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from console import what_if
from console.actor import Actor
from console.models import Opportunity, QuoteItem
from syncrules.amount_fields import ARR
from syncrules.sync_products import ProductSyncSettings, ZeroUsage
from syncrules.what_if import Becomes
from tests import builders
from tests.portfolio import (
    BY_AMOUNT,
    BY_ARR,
    document_ramp,
    licence,
    make_amount_field,
    make_linked,
    one_time,
    opportunity_of,
)

pytestmark = pytest.mark.django_db

EVERYTHING = Actor.console("test")


def _ask(before: ProductSyncSettings, after: ProductSyncSettings) -> what_if.WhatIf:
    return what_if.ask(before, after, reader=EVERYTHING)


def _kinds(found: what_if.WhatIf) -> dict[Becomes, list[str]]:
    return {
        kind: [line.line.mn_id for _, line in lines]
        for kind, lines in found.remarkable.items()
        if lines
    }


def test_the_ramp_of_the_document_goes_from_12000_to_6100_and_15600() -> None:
    document_ramp(make_linked())

    by_amount = _ask(BY_ARR, BY_AMOUNT).by_currency
    by_arr = _ask(BY_ARR, ProductSyncSettings(ARR)).by_currency

    assert [(each.before, each.after) for each in by_amount] == [(Decimal(12000), Decimal(6100))]
    assert [(each.before, each.after) for each in by_arr] == [(Decimal(12000), Decimal(15600))]


def test_currencies_are_never_added_up() -> None:
    licence(make_linked(currency="USD"))
    licence(make_linked(currency="EUR"), arr=100, amount=300)

    found = _ask(BY_ARR, BY_AMOUNT)

    assert [(each.key, each.change) for each in found.by_currency] == [
        ("EUR", Decimal(200)),
        ("USD", Decimal(2400)),
    ]


def test_the_biggest_movers_come_first_up_or_down() -> None:
    one_time(make_linked(name="Small"), amount=5)
    licence(make_linked(name="Down"), arr=9000, amount=100)
    licence(make_linked(name="Up"))
    make_linked(name="Nothing on it")

    found = _ask(BY_ARR, BY_AMOUNT)

    assert [each.deal.name for each in found.deals] == ["Down", "Up", "Small", "Nothing on it"]
    assert [each.deal.name for each in found.changed] == ["Down", "Up", "Small"]


def test_by_owner_and_by_close_quarter() -> None:
    licence(make_linked(owner_name="Vera", close_date=date(2026, 3, 31)))
    licence(make_linked(owner_name="Vera", close_date=date(2026, 4, 1)))
    licence(make_linked(owner_name="", close_date=None))

    found = _ask(BY_ARR, BY_AMOUNT)

    assert [(each.key, each.deals) for each in found.by_owner] == [("No owner", 1), ("Vera", 2)]
    assert [each.key for each in found.by_quarter] == ["2026 Q1", "2026 Q2", "No close date"]


def test_lines_that_become_nothing_negative_or_blank_are_named() -> None:
    quote = make_linked()
    make_amount_field()
    blank = licence(quote, custom_values={"Deal_Value__c": None})
    nothing = licence(quote, custom_values={"Deal_Value__c": "0.00"})
    negative = licence(quote, custom_values={"Deal_Value__c": "-20"})
    licence(quote, custom_values={"Deal_Value__c": "1200.00"})

    found = _ask(BY_ARR, ProductSyncSettings("Deal_Value__c"))

    assert _kinds(found) == {
        Becomes.BLANK: [blank.mn_id],
        Becomes.ZERO: [nothing.mn_id],
        Becomes.NEGATIVE: [negative.mn_id],
    }


def test_usage_of_nothing_stays_away_or_goes() -> None:
    product = builders.make_product(product_type="USAGE")
    usage = builders.make_item(make_linked(), product=product, quantity=0, amount=0)
    leave_out = ProductSyncSettings(zero_usage=ZeroUsage.LEAVE_OUT)

    assert _kinds(_ask(BY_ARR, leave_out)) == {Becomes.STAYS_AWAY: [usage.mn_id]}
    assert _kinds(_ask(leave_out, BY_AMOUNT)) == {Becomes.ZERO: [usage.mn_id]}


def test_a_line_that_begins_to_go_is_named() -> None:
    line = licence(make_linked(), custom_values={})
    make_amount_field()

    found = _ask(ProductSyncSettings("Deal_Value__c"), BY_ARR)

    assert _kinds(found) == {Becomes.GOES: [line.mn_id]}


def test_only_open_linked_opportunities_are_considered() -> None:
    licence(make_linked(name="Open"))
    licence(make_linked(name="Won", status="WON"))
    licence(builders.make_quote(is_primary=True))
    ended = make_linked(name="Unlinked since")
    opportunity_of(ended).associations.update(ended_at=timezone.now(), ended_because="sold twice")
    without = builders.make_opportunity(name="No primary quote")
    builders.make_pairing(opportunity=without)

    found = _ask(BY_ARR, BY_AMOUNT)

    assert [each.deal.name for each in found.deals] == ["Open"]
    assert (found.considered, found.without_quote) == (2, 1)


def test_a_quote_of_other_readers_is_counted_and_not_shown() -> None:
    quote = make_linked()
    licence(quote)
    quote.readers.add(Group.objects.create(name="deal desk"))

    found = what_if.ask(BY_ARR, BY_AMOUNT, reader=Actor("vera"))

    assert (found.deals, found.hidden, found.considered) == ((), 1, 1)
    assert found.affected == (opportunity_of(quote).pk,)


def test_opportunities_in_several_currencies_are_named() -> None:
    odd = make_linked(name="Odd", currency="EUR")
    entry = builders.make_pricebook_entry(currency="GBP")
    licence(odd, product=entry.product, pricebook_entry=entry)
    licence(make_linked(name="Even"))

    [found] = _ask(BY_ARR, BY_AMOUNT).in_several_currencies

    assert (found.deal.name, found.deal.currencies) == ("Odd", ("EUR", "GBP"))


def test_disabling_is_no_loss_and_leaves_nothing_to_push() -> None:
    licence(make_linked())
    disabled = ProductSyncSettings(is_disabled=True)

    [sums] = _ask(BY_ARR, disabled).by_currency

    assert sums.change == 0
    assert _ask(BY_ARR, disabled).affected == ()


def test_enabling_again_concerns_every_opportunity() -> None:
    quote = make_linked()
    licence(quote)

    found = _ask(ProductSyncSettings(is_disabled=True), BY_ARR)

    assert found.affected == (opportunity_of(quote).pk,)


def test_only_what_would_be_sent_otherwise_is_affected() -> None:
    changed, same = make_linked(), make_linked()
    licence(changed)
    licence(same, arr=1200, amount=1200)

    assert _ask(BY_ARR, BY_AMOUNT).affected == (opportunity_of(changed).pk,)


def test_the_number_of_queries_does_not_grow_with_the_portfolio() -> None:
    for _ in range(3):
        licence(make_linked())
    with CaptureQueriesContext(connection) as few:
        _ask(BY_ARR, BY_AMOUNT)
    for _ in range(9):
        licence(make_linked())

    with CaptureQueriesContext(connection) as many:
        _ask(BY_ARR, BY_AMOUNT)

    assert Opportunity.objects.count() == QuoteItem.objects.count() == 12
    assert len(many) == len(few)
