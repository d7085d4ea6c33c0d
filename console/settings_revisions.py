"""Keeps the product sync settings as revisions: the candidate, saving it, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from console import custom_fields, outbox, pins, product_settings, what_if
from console.actor import Actor
from console.models import AmountField, OutboundPush, ProductSyncSetting, Resync
from syncrules.amount_fields import BUILT_IN, CustomField, FieldChoice, choices
from syncrules.sync_products import ProductSyncSettings, ZeroUsage

TRIGGER: Final = "settings_changed"


class Refused(Exception):
    """The revision was not saved; the message says why, to the person who tried."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings that somebody looks at, and the older revision they restore, if any.

    `instead_of`: the revision that was active when they looked, None for the defaults.
    """

    settings: ProductSyncSettings
    instead_of: int | None
    reverts_to: int | None = None


def amount_fields() -> tuple[FieldChoice, ...]:
    """Every field that is known, those that cannot be chosen with the reason why."""
    rows = AmountField.objects.filter(is_current=True)
    return choices(
        CustomField(row.name, row.label, custom_fields.CURRENCY, _definition(row)) for row in rows
    )


def _definition(row: AmountField) -> str:
    if row.kind == AmountField.Kind.FORMULA:
        return f"Formula, {row.get_blanks_display()}: {row.formula}"
    return "Read from the quote item in Salesforce."


def candidate(
    *, amount_field: str, is_disabled: bool, zero_usage: str, reverts_to: int | None = None
) -> Candidate:
    """What was chosen, checked. Errors: Refused when it cannot be chosen."""
    offered = {each.name: each for each in amount_fields()}
    field = offered.get(amount_field)
    if field is None:
        raise Refused(f"There is no amount field {amount_field}.")
    if field.why_not:
        raise Refused(field.why_not)
    try:
        usage = ZeroUsage(zero_usage)
    except ValueError as error:
        raise Refused("Choose what becomes of usage lines of quantity 0.") from error
    settings = ProductSyncSettings(amount_field, is_disabled, usage)
    return Candidate(settings, product_settings.in_force().revision, reverts_to)


def of_revision(pk: int) -> Candidate:
    """An older revision as the candidate. Errors: Refused when it cannot be restored."""
    row = ProductSyncSetting.objects.filter(pk=pk).first()
    if row is None:
        raise Refused("There is no such revision.")
    return candidate(
        amount_field=row.amount_field,
        is_disabled=row.is_disabled,
        zero_usage=row.zero_usage,
        reverts_to=row.pk,
    )


def save(wanted: Candidate, *, reason: str, resync: str, actor: Actor) -> ProductSyncSetting:
    """The new active revision, with the opportunities that it leaves stale noted beside it.

    Errors: Refused when nothing changes, somebody saved meanwhile, the reason is missing, or a
    pinned quote breaks that the reason does not name. Nothing is written in that case.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("Say why: the reason is kept with the revision.")
    if len(reason) > 500:
        raise Refused("The reason is longer than 500 characters.")
    if resync not in Resync.Choice.values:
        raise Refused("Choose what happens to the opportunities that are affected.")
    try:
        with transaction.atomic():
            return _save(wanted, reason=reason, resync=resync, actor=actor)
    except IntegrityError as error:
        # Two first revisions at once: there was no row that the second could have waited for.
        raise Refused(_SAVED_MEANWHILE) from error


_SAVED_MEANWHILE: Final = (
    "Somebody saved the settings after this page was shown. Look at the change once more."
)


def _save(wanted: Candidate, *, reason: str, resync: str, actor: Actor) -> ProductSyncSetting:
    """The order matters: the active row is locked before anything is judged against it."""
    active = ProductSyncSetting.objects.select_for_update().filter(is_active=True).first()
    if (active.pk if active else None) != wanted.instead_of:
        raise Refused(_SAVED_MEANWHILE)
    before = product_settings.of_row(active) if active else ProductSyncSettings()
    if before == wanted.settings and active is not None:
        raise Refused("These settings are in force already.")
    broken = broken_pins(before, wanted.settings, reader=actor)
    if missing := pins.unnamed(broken, reason):
        raise Refused(
            f"It breaks pinned quotes that the reason does not name: {', '.join(missing)}."
        )
    if active is not None:
        ProductSyncSetting.objects.filter(pk=active.pk).update(is_active=False)
    row = ProductSyncSetting.objects.create(
        amount_field=wanted.settings.amount_field,
        is_disabled=wanted.settings.is_disabled,
        zero_usage=wanted.settings.zero_usage,
        is_active=True,
        reason_text=reason,
        reverts_to_id=wanted.reverts_to,
        broken_pins=[each.pin.quote.mn_id for each in broken],
        created_by_id=actor.user_id,
        created_by_name=actor.name,
    )
    if stale := what_if.ask(before, wanted.settings, reader=actor).affected:
        Resync.objects.create(revision=row, choice=resync).opportunities.set(stale)
    return row


def broken_pins(
    before: ProductSyncSettings, after: ProductSyncSettings, *, reader: Actor
) -> list[pins.Check]:
    """The pinned quotes that the change breaks."""
    return pins.newly_broken(pins.check(before, reader=reader), pins.check(after, reader=reader))


def to_do() -> list[Resync]:
    """The re-syncs that are still to be asked for: put off, or interrupted."""
    waiting = Resync.objects.filter(done_at__isnull=True).exclude(choice=Resync.Choice.NOT)
    return list(waiting.select_related("revision").order_by("pk"))


def push_affected(resync: Resync, *, actor: Actor) -> int:
    """How many pushes were asked for. Interrupted, it stays to be done; a second time does no
    harm, since a push that waits already is joined."""
    ids: Sequence[int] = list(resync.opportunities.order_by("pk").values_list("pk", flat=True))
    outbox.request_in_bulk(ids, trigger=TRIGGER, actor=actor, lane=OutboundPush.Lane.PRODUCTS)
    _close(resync, actor=actor)
    return len(ids)


def give_up(resync: Resync, *, actor: Actor) -> None:
    """The opportunities stay as they are until something else pushes them."""
    Resync.objects.filter(pk=resync.pk).update(choice=Resync.Choice.NOT)
    _close(resync, actor=actor)


def _close(resync: Resync, *, actor: Actor) -> None:
    Resync.objects.filter(pk=resync.pk).update(done_at=Now(), done_by_name=actor.name)


def field_label(name: str) -> str:
    """What people call an amount field, whether or not it can still be chosen."""
    if name in BUILT_IN:
        return BUILT_IN[name].label
    row = AmountField.objects.filter(name=name).order_by("-version").first()
    return row.label if row else name
