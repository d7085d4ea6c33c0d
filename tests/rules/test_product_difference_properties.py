"""The difference on many quotes: carried out once, it is gone, and nothing else was touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.json_form import from_json, to_json
from syncrules.line_facts import (
    AmendmentStatus,
    LineRole,
    Override,
    PricebookEntryFacts,
    ProductType,
    QuoteFacts,
    QuoteType,
    RemoteLine,
    RemoteProducts,
)
from syncrules.product_changes import Action, ProductChange
from syncrules.product_difference import ProductDifference, difference, not_kept
from syncrules.sync_products import ProductSyncSettings, ZeroUsage
from tests.rules.lines import BOOK, OTHER_BOOK, line, product, quote, remote, remote_line

ENTRIES = [
    PricebookEntryFacts(f"01uQy0000000000{number}AA", book, currency, is_active=is_active)
    for number, (book, currency, is_active) in enumerate(
        [
            (BOOK, "USD", True),
            (BOOK, "USD", True),
            (OTHER_BOOK, "USD", True),
            (BOOK, "EUR", True),
            (BOOK, "USD", False),
        ]
    )
]
BOOK_OF = {each.salesforce_id: each.pricebook_salesforce_id for each in ENTRIES}
CENTS = st.decimals(min_value=-(10**6), max_value=10**6, places=2)
DAYS = st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31))
ITEM_IDS = st.sampled_from([f"qtitm_{number}" for number in range(6)])

line_facts = st.builds(
    line,
    mn_id=ITEM_IDS,
    position=st.integers(0, 3),
    quantity=st.sampled_from([Decimal(0), Decimal("0.001"), Decimal(1), Decimal("2.675")]),
    amount=CENTS,
    start=DAYS,
    product=st.none() | st.sampled_from([product(kind) for kind in ProductType]),
    pricebook_entry=st.none() | st.sampled_from(ENTRIES),
    override=st.sampled_from([Override.BLANK, *Override]),
    role=st.sampled_from([LineRole.STANDARD, *LineRole]),
    amendment_status=st.sampled_from(AmendmentStatus),
)
chosen = st.builds(
    ProductSyncSettings,
    amount_field=st.sampled_from(["monetize__Amount__c", "monetize__ARR__c", "Own__c"]),
    is_disabled=st.sampled_from([False, False, False, True]),
    zero_usage=st.sampled_from(ZeroUsage),
)


@st.composite
def quotes(draw: st.DrawFn) -> QuoteFacts:
    lines = draw(st.lists(line_facts, max_size=6, unique_by=lambda each: each.mn_id))
    return quote(*lines, type=draw(st.sampled_from(QuoteType)))


@st.composite
def opportunities(draw: st.DrawFn) -> RemoteProducts:
    """An opportunity as Salesforce may have it: all of its products are in its price book."""
    pricebook = draw(st.sampled_from([None, BOOK, OTHER_BOOK]))
    entries = [each.salesforce_id for each in ENTRIES if each.pricebook_salesforce_id == pricebook]
    products = draw(st.lists(_products(entries), max_size=6)) if entries else []
    numbered = (
        replace(each, salesforce_id=f"00kQy000000001{number:02}AA")
        for number, each in enumerate(products)
    )
    return remote(numbered, pricebook_salesforce_id=pricebook)


def _products(entries: list[str]) -> st.SearchStrategy[RemoteLine]:
    return st.builds(
        remote_line,
        quote_item_mn_id=st.none() | ITEM_IDS | st.just("qtitm_of_old_quote"),
        pricebook_entry_salesforce_id=st.sampled_from(entries),
        quantity=st.sampled_from([Decimal(1), Decimal("2.68"), Decimal(7)]),
        total_price=CENTS,
        service_date=DAYS,
        has_schedule=st.booleans(),
    )


def carried_out(wanted: ProductDifference, before: RemoteProducts) -> RemoteProducts:
    """What Salesforce has afterwards. Refuses what Salesforce refuses."""
    pricebook = before.pricebook_salesforce_id
    if wanted.pricebook_to_set is not None:
        assert not before.lines, "a price book cannot change under its products"
        pricebook = wanted.pricebook_to_set
    products = {each.salesforce_id: each for each in before.lines}
    for number, change in enumerate(wanted.changes):
        match change.action:
            case Action.DELETE:
                del products[change.product_salesforce_id or ""]
            case Action.UPDATE:
                old = products[change.product_salesforce_id or ""]
                assert not (old.has_schedule and "Quantity" in change.send)
                assert "PricebookEntryId" not in change.send
                products[old.salesforce_id] = _written(old, change)
            case Action.CREATE:
                assert BOOK_OF[change.send["PricebookEntryId"]] == pricebook
                assert not any(
                    each.quote_item_mn_id == change.line_mn_id for each in products.values()
                )
                new = remote_line(
                    salesforce_id=f"00kQy000000002{number:02}AA",
                    quote_item_mn_id=change.line_mn_id,
                    pricebook_entry_salesforce_id=change.send["PricebookEntryId"],
                )
                products[new.salesforce_id] = _written(new, change)
    return replace(before, pricebook_salesforce_id=pricebook, lines=tuple(products.values()))


def _written(old: RemoteLine, change: ProductChange) -> RemoteLine:
    send = change.send
    assert ("Quantity" in send) == ("TotalPrice" in send)
    assert "UnitPrice" not in send
    day = send.get("ServiceDate")
    return replace(
        old,
        quantity=Decimal(send.get("Quantity", old.quantity)),
        total_price=Decimal(send.get("TotalPrice", old.total_price)),
        service_date=date.fromisoformat(day) if day else old.service_date,
    )


@settings(deadline=None, max_examples=300)
@given(quotes(), chosen, opportunities())
def test_carried_out_once_there_is_nothing_left_to_do(
    facts: QuoteFacts, chosen: ProductSyncSettings, before: RemoteProducts
) -> None:
    wanted = difference(facts, chosen, before)
    after = carried_out(wanted, before)
    assert difference(facts, chosen, after).is_empty
    assert not_kept(wanted.changes, after) == ()
    assert wanted.totals.before == sum(each.total_price for each in before.lines)
    assert wanted.totals.after == sum(each.total_price for each in after.lines)


@settings(deadline=None)
@given(quotes(), chosen, opportunities())
def test_products_added_by_hand_are_as_they_were(
    facts: QuoteFacts, chosen: ProductSyncSettings, before: RemoteProducts
) -> None:
    wanted = difference(facts, chosen, before)
    after = carried_out(wanted, before)
    assert [each for each in after.lines if each.quote_item_mn_id is None] == list(wanted.by_hand)
    touched = {change.product_salesforce_id for change in wanted.changes}
    assert not touched & {each.salesforce_id for each in wanted.by_hand}


@settings(deadline=None)
@given(quotes(), chosen, opportunities(), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_products_is_irrelevant(
    facts: QuoteFacts, chosen: ProductSyncSettings, before: RemoteProducts, chance: Random
) -> None:
    lines, products = list(facts.lines), list(before.lines)
    chance.shuffle(lines)
    chance.shuffle(products)
    shuffled = replace(facts, lines=tuple(lines))
    assert difference(shuffled, chosen, replace(before, lines=tuple(products))) == difference(
        facts, chosen, before
    )


@settings(deadline=None)
@given(quotes(), chosen, opportunities())
def test_every_line_is_accounted_for_and_the_steps_are_in_order(
    facts: QuoteFacts, chosen: ProductSyncSettings, before: RemoteProducts
) -> None:
    wanted = difference(facts, chosen, before)
    named = {change.line_mn_id for change in wanted.changes}
    assert {each.mn_id for each in facts.lines} <= named
    order = [list(Action).index(change.action) for change in wanted.changes]
    assert order == sorted(order)
    assert from_json(ProductDifference, to_json(wanted)) == wanted
