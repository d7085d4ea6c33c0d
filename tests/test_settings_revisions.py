"""The product sync settings are saved as revisions, and what that leaves stale is remembered."""

from __future__ import annotations

import pytest

from console import pins, product_settings, settings_revisions
from console.actor import Actor
from console.models import AmountField, OutboundPush, ProductSyncSetting, Resync
from console.settings_revisions import Candidate, Refused
from syncrules.amount_fields import AMOUNT, INCREMENTAL_ARR
from syncrules.sync_products import ProductSyncSettings, ZeroUsage
from tests.portfolio import (
    BY_AMOUNT,
    BY_ARR,
    licence,
    make_amount_field,
    make_linked,
    make_revision,
    opportunity_of,
)

pytestmark = pytest.mark.django_db

ADA = Actor("ada", reads_everything=True)


def _save(
    settings: ProductSyncSettings = BY_AMOUNT,
    *,
    reason: str = "finance asked for it",
    resync: str = "later",
) -> ProductSyncSetting:
    wanted = Candidate(settings, product_settings.in_force().revision)
    return settings_revisions.save(wanted, reason=reason, resync=resync, actor=ADA)


def test_the_first_revision_takes_the_place_of_the_defaults() -> None:
    row = _save()

    assert product_settings.in_force() == product_settings.InForce(BY_AMOUNT, row.pk)
    assert (row.created_by_name, row.reason_text) == ("ada", "finance asked for it")


def test_the_recommended_settings_can_be_made_a_revision_of_their_own() -> None:
    assert _save(BY_ARR).amount_field == INCREMENTAL_ARR


def test_the_older_revision_is_kept_and_no_longer_active() -> None:
    first, second = _save(), _save(BY_ARR)

    first.refresh_from_db()
    assert (first.is_active, second.is_active) == (False, True)
    assert first.amount_field == AMOUNT


@pytest.mark.parametrize(
    ("reason", "resync", "said"),
    [
        ("  ", "later", "Say why"),
        ("x" * 501, "later", "longer than 500"),
        ("because", "perhaps", "Choose what happens"),
    ],
)
def test_what_is_missing_is_asked_for(reason: str, resync: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        _save(reason=reason, resync=resync)

    assert not ProductSyncSetting.objects.exists()


def test_what_is_in_force_is_not_saved_again() -> None:
    make_revision()

    with pytest.raises(Refused, match="in force already"):
        _save(BY_ARR)


def test_who_looked_at_older_settings_looks_once_more() -> None:
    seen = Candidate(BY_AMOUNT, product_settings.in_force().revision)
    make_revision()

    with pytest.raises(Refused, match="Somebody saved the settings"):
        settings_revisions.save(seen, reason="mine", resync="not", actor=ADA)

    assert product_settings.in_force().settings == BY_ARR


def test_a_broken_pin_must_be_named() -> None:
    quote = make_linked()
    licence(quote)
    pins.pin(quote, BY_ARR, note="", actor=ADA)

    with pytest.raises(Refused, match=f"does not name: {quote.mn_id}"):
        _save()
    row = _save(reason=f"{quote.mn_id} is to be counted by amount")

    assert row.broken_pins == [quote.mn_id]


def test_what_becomes_stale_is_noted_and_pushed_when_asked() -> None:
    stale, same = make_linked(), make_linked()
    licence(stale)
    licence(same, arr=1200, amount=1200)

    row = _save()
    [to_do] = settings_revisions.to_do()

    assert to_do.revision == row
    assert not OutboundPush.objects.exists()
    assert settings_revisions.push_affected(to_do, actor=ADA) == 1
    push = OutboundPush.objects.get()
    assert (push.opportunity, push.trigger) == (opportunity_of(stale), "settings_changed")
    assert settings_revisions.to_do() == []


def test_not_at_all_is_no_to_do() -> None:
    licence(make_linked())

    _save(resync="not")

    assert settings_revisions.to_do() == []
    assert Resync.objects.get().opportunities.count() == 1


def test_a_to_do_can_be_given_up() -> None:
    licence(make_linked())
    _save()

    settings_revisions.give_up(settings_revisions.to_do()[0], actor=ADA)

    assert settings_revisions.to_do() == []
    assert Resync.objects.get().done_by_name == "ada"
    assert not OutboundPush.objects.exists()


def test_a_change_that_concerns_nobody_leaves_nothing_to_do() -> None:
    licence(make_linked())

    _save(ProductSyncSettings(zero_usage=ZeroUsage.LEAVE_OUT))

    assert not Resync.objects.exists()


def test_going_back_is_a_candidate_like_any_other() -> None:
    first = make_revision(amount_field=AMOUNT, zero_usage=ZeroUsage.LEAVE_OUT)
    _save(BY_ARR)

    wanted = settings_revisions.of_revision(first.pk)
    row = settings_revisions.save(wanted, reason="it was better", resync="not", actor=ADA)

    assert row.reverts_to == first
    assert product_settings.of_row(row) == product_settings.of_row(first)


def test_a_field_that_is_gone_cannot_be_gone_back_to() -> None:
    row = make_revision(amount_field="Retired__c")

    with pytest.raises(Refused, match="no amount field Retired__c"):
        settings_revisions.of_revision(row.pk)


def test_every_current_custom_field_is_offered_with_its_definition() -> None:
    make_amount_field()
    make_amount_field(
        "Product_Amount__c",
        label="Product amount",
        kind=AmountField.Kind.FORMULA,
        formula="monetize__Amount__c",
    )
    make_amount_field("Old__c", is_current=False)

    offered = {each.name: each for each in settings_revisions.amount_fields()}

    assert offered[INCREMENTAL_ARR].is_recommended
    assert "monetize__Amount__c" in offered["Product_Amount__c"].definition
    assert offered["Deal_Value__c"].why_not is None
    assert "Old__c" not in offered


@pytest.mark.parametrize(
    ("amount_field", "zero_usage"), [("Nobody__c", "one_unit"), (AMOUNT, "two_units")]
)
def test_what_nobody_offered_is_no_candidate(amount_field: str, zero_usage: str) -> None:
    with pytest.raises(Refused):
        settings_revisions.candidate(
            amount_field=amount_field, is_disabled=False, zero_usage=zero_usage
        )
