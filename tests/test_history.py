"""What became history stays as it is, and is in nobody's way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from console.models import (
    AmountField,
    Association,
    OutboundPush,
    ProductSyncSetting,
    SyncLog,
)
from tests.builders import (
    make_account,
    make_log_entry,
    make_opportunity,
    make_pairing,
    make_push,
    make_quote,
)
from tests.facts import NOON

pytestmark = pytest.mark.django_db


def test_a_pair_that_ended_makes_room_for_another() -> None:
    old = make_pairing()
    old.ended_at, old.ended_because = NOON, "linked to the wrong deal"
    old.save(update_fields=["ended_at", "ended_because"])

    make_pairing(opportunity=old.opportunity, salesforce_id=old.salesforce_id)

    assert Association.objects.count() == 2


def test_a_push_may_wait_while_another_is_sent() -> None:
    sending = make_push(state=OutboundPush.State.SENDING, lease_until=NOON)

    make_push(opportunity=sending.opportunity)

    assert OutboundPush.objects.count() == 2


def test_ids_that_differ_in_case_only_are_two_records() -> None:
    make_account(salesforce_id="001D000000IqhSLIAZ")
    make_account(salesforce_id="001D000000IqhslIAB")


def test_a_quote_and_its_opportunity_may_arrive_together_in_any_order() -> None:
    """The composite key of the primary quote waits for the commit."""
    opportunity, quote = make_opportunity(), make_quote()
    opportunity.primary_quote, opportunity.primary_set_at = quote, NOON

    with transaction.atomic():
        opportunity.save()
        quote.opportunity = opportunity
        quote.save(update_fields=["opportunity"])
        connection.check_constraints()


# --- The sync log ------------------------------------------------------------------------------


def test_an_entry_cannot_be_changed() -> None:
    entry = make_log_entry()
    entry.detail = "it was like this"

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        entry.save(update_fields=["detail"])
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        SyncLog.objects.update(detail="it was like this")

    assert SyncLog.objects.get().detail == ""


def test_an_entry_cannot_be_deleted() -> None:
    entry = make_log_entry()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        entry.delete()

    assert SyncLog.objects.get() == entry


def test_raw_sql_cannot_either() -> None:
    make_log_entry()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute("UPDATE console_synclog SET reason = 'linked'")


def test_an_entry_outlives_what_it_describes() -> None:
    opportunity = make_opportunity(name="Northwind expansion")
    entry = make_log_entry(opportunity=opportunity)
    opportunity.delete()

    entry = SyncLog.objects.get(pk=entry.pk)

    assert entry.opportunity_name == "Northwind expansion"
    assert entry.account_name == opportunity.account.name


# --- Revisions -----------------------------------------------------------------------------------


def _setting() -> ProductSyncSetting:
    return ProductSyncSetting.objects.create(reason_text="we sell by ARR", is_active=True)


def _field() -> AmountField:
    return AmountField.objects.create(name="ARR__c", label="ARR", kind="formula", formula="1")


@pytest.mark.parametrize(
    ("make", "column"), [(_setting, "reason_text"), (_field, "formula"), (_field, "label")]
)
def test_a_revision_is_never_changed(
    make: Callable[[], ProductSyncSetting | AmountField], column: str
) -> None:
    revision = make()
    setattr(revision, column, "2")

    with pytest.raises(IntegrityError, match="a revision is never changed"), transaction.atomic():
        revision.save(update_fields=[column])


@pytest.mark.parametrize("make", [_setting, _field])
def test_a_revision_is_never_removed(
    make: Callable[[], ProductSyncSetting | AmountField],
) -> None:
    revision = make()

    with pytest.raises(IntegrityError, match="a revision is never removed"), transaction.atomic():
        revision.delete()


def test_which_revision_is_in_force_may_change() -> None:
    setting, field = _setting(), _field()
    setting.is_active, field.is_current = False, False

    setting.save(update_fields=["is_active"])
    field.save(update_fields=["is_current"])

    assert not ProductSyncSetting.objects.filter(is_active=True).exists()
    assert not AmountField.objects.filter(is_current=True).exists()
