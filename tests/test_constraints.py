"""What the database itself refuses, whoever writes to it, and the words Django finds first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from console.models import (
    AmountField,
    ApiCalls,
    FieldMapping,
    Heartbeat,
    Opportunity,
    OutboundPush,
    PinnedQuote,
    ProductSyncSetting,
    ReconcileRun,
    Relink,
    Resync,
    SyncLog,
    Tally,
    Waiting,
)
from tests import builders
from tests.facts import NOON, number

pytestmark = pytest.mark.django_db

Bad = Callable[[], Model]


def _with(make: Callable[[], Model], **bad: Any) -> Bad:
    """A valid row with something bad in it that was not saved yet."""

    def bad_row() -> Model:
        row = make()
        for name, value in bad.items():
            setattr(row, name, value)
        return row

    return bad_row


def _twice(make: Callable[[], Model], *names: str, **also: Any) -> Bad:
    """The second of two rows, about to take these columns from the first."""

    def second() -> Model:
        taken, row = make(), make()
        for name in names:
            setattr(row, name, getattr(taken, name))
        for name, value in also.items():
            setattr(row, name, value)
        return row

    return second


def _connection() -> Model:
    """Set aside, for only one may be active."""
    name = f"org {number()}"
    return builders.make_connection(name=name, is_active=False)


def _second_active_connection() -> Model:
    builders.make_connection()
    return _with(_connection, is_active=True)()


def _api_calls() -> Model:
    hour = NOON + timedelta(hours=int(number()))
    owner = builders.make_connection(name=f"org {number()}", is_active=False)
    return ApiCalls.objects.create(connection=owner, hour=hour, calls=1)


def _heartbeat() -> Model:
    return Heartbeat.objects.create(kind="worker", host=f"host-{number()}", seen_at=NOON)


def _tally() -> Model:
    return Tally.objects.create(name="attempts", labels=[str(number())], value=1)


def _sending() -> Model:
    return builders.make_push(state=OutboundPush.State.SENDING, lease_until=NOON)


def _primary_of_another() -> Opportunity:
    opportunity = builders.make_opportunity()
    opportunity.primary_quote = builders.make_quote()
    opportunity.primary_set_at = NOON
    return opportunity


def _primary_without_a_time() -> Opportunity:
    opportunity = builders.make_opportunity()
    opportunity.primary_quote = builders.make_quote(opportunity=opportunity)
    return opportunity


def _shared_primary() -> Opportunity:
    quote = builders.make_quote(is_primary=True)
    opportunity = builders.make_opportunity()
    opportunity.primary_quote, opportunity.primary_set_at = quote, NOON
    return opportunity


def _relink() -> Model:
    return Relink.objects.create(
        opportunity=builders.make_opportunity(), reason_text="the wrong deal", actor_name="vera"
    )


def _waiting() -> Model:
    return Waiting.objects.create(
        flow="link_via_primary_quote",
        subject=f"opp_{number()}",
        prerequisite="quote",
        key="quote_1",
        waiting_entry=1,
    )


def _mapping() -> Model:
    target = f"custom:segment_{number()}"
    return FieldMapping.objects.create(source="Segment__c", target=target)


def _revision(**columns: Any) -> Bad:
    """Not saved: one that was saved cannot be changed."""
    return lambda: ProductSyncSetting(**{"reason_text": "we sell by ARR", **columns})


def _second_active_revision() -> Model:
    _revision(is_active=True)().save()
    return _revision(is_active=True)()


def _amount_field(**columns: Any) -> Bad:
    """Not saved, for the same reason."""
    defaults = {"name": "ARR__c", "label": "ARR", "kind": "formula", "formula": "1"}
    return lambda: AmountField(**{**defaults, **columns})


def _second_amount_field(**columns: Any) -> Bad:
    def second() -> Model:
        _amount_field()().save()
        return _amount_field(**columns)()

    return second


def _second_pin() -> Model:
    quote = builders.make_quote()
    PinnedQuote.objects.create(quote=quote, expected=[{}])
    return PinnedQuote(quote=quote, expected=[{}])


def _resync(**columns: Any) -> Bad:
    def resync() -> Model:
        revision = ProductSyncSetting.objects.create(reason_text="we sell by ARR")
        return Resync(**{"revision": revision, "choice": "later", **columns})

    return resync


def _second_resync() -> Model:
    kept = _resync()()
    kept.save()
    assert isinstance(kept, Resync)
    return Resync(revision=kept.revision, choice="later")


def _second_run_of_all() -> Model:
    under_way = {"state": ReconcileRun.State.RUNNING, "finished_at": None}
    builders.make_run(**under_way)
    return _with(builders.make_run, **under_way)()


def _item() -> Model:
    return builders.make_item(builders.make_quote())


def _new_entry(**columns: Any) -> Bad:
    """Not saved at all: an entry that was saved cannot be changed."""

    def entry() -> SyncLog:
        kept = builders.make_log_entry()
        kept.pk, kept._state.adding = None, True
        return _with(lambda: kept, **columns)()  # type: ignore[return-value]

    return entry


CASES: Final[dict[str, Bad]] = {
    # one-to-one pairing, on both sides
    "association_one_active_per_opportunity": _twice(builders.make_pairing, "opportunity"),
    "association_one_active_per_record": _twice(builders.make_pairing, "salesforce_id"),
    "association_end_has_a_reason": _with(builders.make_pairing, ended_at=NOON),
    "account_one_per_salesforce_account": _twice(builders.make_account, "salesforce_id"),
    # the primary quote
    "opportunity_primary_is_its_own": _primary_of_another,
    "opportunity_primary_has_a_time": _primary_without_a_time,
    "Opportunity.primary_quote": _shared_primary,
    # one push waits and one is sent
    "push_one_waiting_per_opportunity": _twice(builders.make_push, "opportunity"),
    "push_one_sending_per_opportunity": _twice(_sending, "opportunity"),
    "push_sending_has_a_lease": _with(builders.make_push, state=OutboundPush.State.SENDING),
    # the same event is one event; one connection is in force
    "inbound_one_per_event": _twice(builders.make_event, "sender", "event_id"),
    "connection_one_active": _second_active_connection,
    "connection_budget_is_possible": _with(_connection, reserve_percent=46),
    "apicalls_one_per_hour": _twice(_api_calls, "connection", "hour"),
    "heartbeat_kind_is_known": _with(_heartbeat, kind="ghost"),
    "heartbeat_one_per_host": _twice(_heartbeat, "kind", "host"),
    "tally_one_per_labels": _twice(_tally, "name", "labels"),
    # one source for a field, one change of partner under way, one attempt that waits
    "fieldmapping_one_active_per_target": _twice(_mapping, "target"),
    "relink_one_pending_per_opportunity": _twice(_relink, "opportunity"),
    "relink_has_a_reason": _with(_relink, reason_text=""),
    "waiting_once_per_subject": _twice(_waiting, "flow", "subject"),
    # revisions of the settings for products
    "productsetting_one_active": _second_active_revision,
    "productsetting_has_a_reason": _revision(reason_text=""),
    "amountfield_versions": _second_amount_field(is_current=False),
    "amountfield_one_current": _second_amount_field(version=2),
    "amountfield_formula_where_due": _amount_field(formula=""),
    "PinnedQuote.quote": _second_pin,
    "Resync.revision": _second_resync,
    "resync_choice_is_known": _resync(choice="maybe"),
    # the ledger of drift, and its runs
    "drift_one_open_per_place": _twice(builders.make_drift, "salesforce_id"),
    "drift_money_has_a_currency": _with(builders.make_drift, money=1),
    "drift_end_has_a_run": _with(builders.make_drift, closed_at=NOON),
    "reconcilerun_one_of_all": _second_run_of_all,
    "reconcilerun_end_has_a_time": _with(builders.make_run, finished_at=None),
    # figures that make sense
    "quote_ends_after_it_starts": _with(builders.make_quote, contract_end="2020-01-01"),
    "quoteitem_quantity_is_not_negative": _with(_item, quantity=-1),
    # ids
    "Account.mn_id": _twice(builders.make_account, "mn_id"),
    "Opportunity.mn_id": _twice(builders.make_opportunity, "mn_id"),
    "Quote.mn_id": _twice(builders.make_quote, "mn_id"),
    "QuoteItem.mn_id": _twice(_item, "mn_id"),
    "Product.mn_id": _twice(builders.make_product, "mn_id"),
    "PricebookEntry.mn_id": _twice(builders.make_pricebook_entry, "mn_id"),
    "PricebookEntry.salesforce_id": _twice(builders.make_pricebook_entry, "salesforce_id"),
    "ApiClient.key": _twice(builders.make_client, "key"),
    "SalesforceConnection.name": _twice(_connection, "name"),
    # beside each `choices`
    "account_status_is_known": _with(builders.make_account, status="ASLEEP"),
    "opportunity_status_is_known": _with(builders.make_opportunity, status="ASLEEP"),
    "quote_status_is_known": _with(builders.make_quote, status="ASLEEP"),
    "quote_type_is_known": _with(builders.make_quote, type="GIFT"),
    "quoteitem_role_is_known": _with(_item, role="EXTRA"),
    "quoteitem_amendment_is_known": _with(_item, amendment_status="MOVED"),
    "quoteitem_override_is_known": _with(_item, override="Often"),
    "product_type_is_known": _with(builders.make_product, product_type="GIFT"),
    "connection_state_is_known": _with(_connection, state="asleep"),
    "inbound_kind_is_known": _with(builders.make_event, kind="gossip"),
    "inbound_source_is_known": _with(builders.make_event, source="pigeon"),
    "inbound_state_is_known": _with(builders.make_event, state="asleep"),
    "push_state_is_known": _with(builders.make_push, state="asleep"),
    "push_lane_is_known": _with(builders.make_push, lane="scenic"),
    "push_urgency_is_known": _with(builders.make_push, urgency=3),
    "push_strikes_have_a_time": _with(builders.make_push, strikes=1),
    "productsetting_zero_usage_is_known": _revision(zero_usage="perhaps"),
    "amountfield_blanks_is_known": _amount_field(blanks="one"),
    "drift_field_is_known": _with(builders.make_drift, field="mood"),
    "drift_verdict_is_known": _with(builders.make_drift, verdict="equal"),
    "drift_because_is_known": _with(builders.make_drift, because="why not"),
    "drift_obstacle_is_known": _with(builders.make_drift, obstacle="a wall"),
    "reconcilerun_state_is_known": _with(builders.make_run, state="asleep"),
    "reconcilerun_phase_is_known": _with(builders.make_run, phase="waning"),
    "relink_state_is_known": _with(_relink, state="asleep"),
    "waiting_state_is_known": _with(_waiting, state="asleep"),
    "synclog_outcome_is_known": _new_entry(outcome="perhaps"),
    "synclog_reason_is_known": _new_entry(reason="because"),
}

ELSEWHERE: Final = {
    "quote_id_and_opportunity",  # never in the way: the target of opportunity_primary_is_its_own
    "amountfield_kind_is_known",  # amountfield_formula_where_due refuses any other kind before it
    # triggers, in tests/test_history.py
    "synclog_is_append_only",
    "productsetting_is_kept",
    "amountfield_is_kept",
}
ONLY_THE_DATABASE: Final = {"opportunity_primary_is_its_own"}


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses_it(name: str) -> None:
    row = CASES[name]()

    with pytest.raises(IntegrityError) as caught:
        _commit(row)

    violated = caught.value.__cause__.diag.constraint_name  # type: ignore[union-attr]
    assert name.partition(".")[2] in violated if "." in name else name == violated


def _commit(row: Model) -> None:
    """Saves it and asks for what is checked at the commit, which a test never reaches."""
    with transaction.atomic():
        row.save()
        connection.check_constraints()


@pytest.mark.parametrize("name", sorted(CASES.keys() - ONLY_THE_DATABASE))
def test_a_form_refuses_it_first(name: str) -> None:
    row = CASES[name]()

    with pytest.raises(ValidationError) as caught:
        row.full_clean()

    field = name.partition(".")[2]
    assert field in caught.value.message_dict if field else caught.value.messages


def test_every_constraint_has_a_case() -> None:
    models = list(apps.get_app_config("console").get_models())
    declared = {constraint.name for model in models for constraint in model._meta.constraints}
    unique = {
        f"{model.__name__}.{field.name}"
        for model in models
        for field in model._meta.local_fields
        if field.unique and not field.primary_key
    }

    assert declared | unique | _written_in_sql() == CASES.keys() | ELSEWHERE


def _written_in_sql() -> set[str]:
    """Composite keys and triggers, which models cannot declare."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE contype = 'f' AND cardinality(conkey) > 1"
            " UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
        return {name for (name,) in cursor.fetchall()}
