"""Which fields has the org's quote item, and which of them can be amounts? Taken up when asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db import transaction
from django.db.models import F, Func, JSONField, Value

from console import connections, custom_fields, gateways
from console.actor import Actor
from console.models import AmountField, QuoteItem
from console.salesforce.gateway import FieldInfo, SalesforceError

QUOTE_ITEM: Final = "monetize__QuoteItem__c"
_PACKAGE: Final = "monetize__"
_CURRENCY: Final = "currency"
_NEW: Final = "Found in Salesforce."
_CHANGED: Final = "It was changed in Salesforce."
_GONE: Final = "Salesforce no longer has it, or hides it from the integration user."


class Unreachable(Exception):
    """Salesforce could not be asked; the message says why."""


class Place(StrEnum):
    """What a field of the org is here."""

    TAKEN_UP = "taken_up"
    NEW = "new"
    CHANGED = "changed"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True)
class OrgField:
    """A field that this customer added to the quote item. `why_not` is for one not offered."""

    info: FieldInfo
    place: Place
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look into Salesforce changed here, as labels of fields."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()


def look() -> tuple[OrgField, ...]:
    """The org's own fields, those that can be amounts first. Errors: Unreachable."""
    rows = custom_fields.current()
    fields = [_judged(info, rows) for info in _own(_described())]
    order = list(Place)
    return tuple(sorted(fields, key=lambda each: (order.index(each.place), each.info.label)))


def discover(*, actor: Actor) -> Found:
    """Takes up what the org has now. A field that is gone, or holds no money any more, ends with
    the reason, and the values that lines kept of it are forgotten: they would be sent as today's.

    Errors: Unreachable; nothing is changed in that case.
    """
    described = _own(_described())
    with transaction.atomic():
        rows = list(AmountField.objects.select_for_update().filter(is_current=True))
        fields = [_judged(info, rows) for info in described]
        new = [_take_up(each.info, actor=actor) for each in fields if each.place is Place.NEW]
        changed = [
            _take_up(each.info, actor=actor, instead_of=_row_of(each.info, rows))
            for each in fields
            if each.place is Place.CHANGED
        ]
        kept = {each.info.name for each in fields if not each.why_not}
        gone = [row for row in rows if row.kind == _DISCOVERED and row.name not in kept]
        by_name = {info.name: info for info in described}
        for row in gone:
            _end(row, _why_gone(by_name.get(row.name)), actor=actor)
    return Found(tuple(new), tuple(changed), tuple(row.label for row in gone))


_DISCOVERED: Final = AmountField.Kind.DISCOVERED


def _described() -> dict[str, FieldInfo]:
    row = connections.in_force()
    if row is None or not connections.fact(row).is_live:
        raise Unreachable("There is no live connection to Salesforce.")
    try:
        return gateways.to(row).describe_fields(QUOTE_ITEM)
    except SalesforceError as error:
        raise Unreachable(f"Salesforce does not describe its quote item: {error}") from error


def _own(described: dict[str, FieldInfo]) -> list[FieldInfo]:
    """The fields that this customer added: neither Salesforce's nor the package's."""
    return [
        info for info in described.values() if info.is_custom and not info.name.startswith(_PACKAGE)
    ]


def _judged(info: FieldInfo, rows: Sequence[AmountField]) -> OrgField:
    if info.type != _CURRENCY:
        why = f"It is a {info.type} field; only a Currency field can be an amount of money."
        return OrgField(info, Place.NOT_OFFERED, why)
    row = _row_of(info, rows)
    if row is None:
        return OrgField(info, Place.NEW)
    if row.kind != _DISCOVERED:
        why = "A formula written here has the same name; amounts come from that."
        return OrgField(info, Place.NOT_OFFERED, why)
    return OrgField(info, Place.TAKEN_UP if _content(row) == _said(info) else Place.CHANGED)


def _row_of(info: FieldInfo, rows: Sequence[AmountField]) -> AmountField | None:
    """Salesforce does not mind the case of a name."""
    return next((row for row in rows if row.name.lower() == info.name.lower()), None)


def _content(row: AmountField) -> tuple[str, ...]:
    return row.name, row.label, row.formula, row.blanks


def _said(info: FieldInfo) -> tuple[str, ...]:
    blanks = AmountField.Blanks.ZERO if info.blanks_are_zero else AmountField.Blanks.BLANK
    return info.name, info.label[:120], info.formula, blanks


def _take_up(info: FieldInfo, *, actor: Actor, instead_of: AmountField | None = None) -> str:
    name, label, formula, blanks = _said(info)
    if instead_of is not None:
        AmountField.objects.filter(pk=instead_of.pk).update(is_current=False)
    row = AmountField(
        name=name,
        label=label,
        kind=_DISCOVERED,
        formula=formula,
        blanks=blanks,
        note=_CHANGED if instead_of else _NEW,
    )
    custom_fields.add_version(row, actor=actor)
    return label


def _why_gone(info: FieldInfo | None) -> str:
    return _GONE if info is None else f"In Salesforce it is a {info.type} field now."


def _end(row: AmountField, why: str, *, actor: Actor) -> None:
    """A version that is not in force says why: those before it are never changed."""
    AmountField.objects.filter(pk=row.pk).update(is_current=False)
    last = AmountField(
        name=row.name,
        label=row.label,
        kind=row.kind,
        formula=row.formula,
        blanks=row.blanks,
        note=why,
    )
    custom_fields.add_version(last, actor=actor, is_current=False)
    QuoteItem.objects.filter(custom_values__has_key=row.name).update(
        custom_values=_Without(F("custom_values"), Value(row.name))
    )


class _Without(Func):
    """A JSON object less one key."""

    template = "%(expressions)s"
    arg_joiner = " - "
    output_field = JSONField()
