"""Pinned quotes hold what was expected of them, and say where they do not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group

from console import pins
from console.actor import Actor
from console.models import PinnedQuote, Quote, QuoteItem
from syncrules.sync_products import ProductSyncSettings
from tests.portfolio import BY_AMOUNT, BY_ARR, document_ramp, licence, make_linked, one_time

pytestmark = pytest.mark.django_db

VERA = Actor("vera", reads_everything=True)


def _pin(quote: Quote) -> PinnedQuote:
    return pins.pin(quote, BY_ARR, note="as the document has it", actor=VERA)


def _check(settings: ProductSyncSettings) -> pins.Check:
    [found] = pins.check(settings, reader=VERA)
    return found


def test_a_pin_keeps_what_the_quote_gives_today() -> None:
    quote = make_linked()
    lines = document_ramp(quote)

    row = _pin(quote)

    assert [each.amount for each in pins.expected(row)] == [
        Decimal("0.00"),
        Decimal("0.00"),
        Decimal("12000.00"),
    ]
    assert [each.line_mn_id for each in pins.expected(row)] == [line.mn_id for line in lines]
    assert (row.pinned_by_name, row.note) == ("vera", "as the document has it")
    assert _check(BY_ARR).holds


def test_other_settings_break_it_line_by_line() -> None:
    quote = make_linked()
    line = licence(quote)
    _pin(quote)

    [deviation] = _check(BY_AMOUNT).deviations

    assert (deviation.line_mn_id, deviation.expected, deviation.found) == (
        line.mn_id,
        Decimal("1200.00"),
        Decimal("3600.00"),
    )


def test_a_line_that_no_longer_goes_one_that_is_new_and_one_that_is_gone() -> None:
    quote = make_linked()
    kept_back, gone = licence(quote), licence(quote)
    _pin(quote)
    QuoteItem.objects.filter(pk=kept_back.pk).update(override="Never")
    gone.delete()
    licence(quote)

    found = {each.line_mn_id: each.what for each in _check(BY_ARR).deviations}

    assert found[kept_back.mn_id] == "it no longer goes"
    assert found[gone.mn_id] == "the line is gone"
    assert "the line is new" in found.values()


def test_disabling_breaks_no_pin() -> None:
    quote = make_linked()
    licence(quote)
    _pin(quote)

    assert _check(ProductSyncSettings(is_disabled=True)).holds


def test_what_failed_already_is_not_held_against_a_change() -> None:
    quote = make_linked()
    line = licence(quote, arr=1200, amount=1200)
    _pin(quote)
    QuoteItem.objects.filter(pk=line.pk).update(unit_price=50, amount=50)

    before, after = (pins.check(each, reader=VERA) for each in (BY_ARR, BY_AMOUNT))

    assert not before[0].holds
    assert pins.newly_broken(before, after) == []


def test_a_reason_names_a_broken_pin_by_its_quote() -> None:
    quote = make_linked()
    one_time(quote)
    _pin(quote)
    broken = pins.newly_broken(pins.check(BY_ARR, reader=VERA), pins.check(BY_AMOUNT, reader=VERA))

    assert pins.unnamed(broken, "because") == [quote.mn_id]
    assert pins.unnamed(broken, f"{quote.mn_id} is to count its set-up") == []


def test_a_pin_of_a_quote_for_other_readers_does_not_tell_which_it_is() -> None:
    quote = make_linked()
    licence(quote)
    row = _pin(quote)
    quote.readers.add(Group.objects.create(name="deal desk"))

    [found] = pins.check(BY_ARR, reader=Actor("walter"))

    assert (found.is_readable, found.name) == (False, f"pin {row.pk}")


def test_pinning_again_renews_the_pin() -> None:
    quote = make_linked()
    licence(quote)
    first = _pin(quote)

    again = pins.pin(quote, BY_AMOUNT, note="", actor=VERA)

    assert again.pk == first.pk
    assert again.pinned_at > first.pinned_at
    assert _check(BY_AMOUNT).holds


def test_unpinning() -> None:
    quote = make_linked()
    _pin(quote)

    assert pins.unpin(quote)
    assert not pins.unpin(quote)
