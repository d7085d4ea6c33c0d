"""Formula fields: what a new version must satisfy, and which opportunities it leaves stale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from console import amount_field_preview, custom_fields, outbox, pins, product_settings, what_if
from console.actor import Actor
from console.custom_fields import CustomFields
from console.line_facts import quote_facts
from console.models import AmountField, OutboundPush
from console.quote_item_fields import BUILT_IN
from syncrules.line_facts import QuoteFacts
from syncrules.sync_products import ProductSyncSettings, verdicts

TRIGGER: Final = "formula_changed"
_PACKAGE: Final = "monetize__"
_MEANWHILE: Final = "Somebody saved this field after the page was shown. Look at it once more."


class Refused(Exception):
    """The version was not saved. `field` is the part of the draft at fault, "" for the whole."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True, slots=True)
class Draft:
    """A formula field as somebody wants it. `instead_of` is the id of the version that they
    looked at, None for a new field."""

    name: str
    label: str
    formula: str
    blanks: str
    why: str = ""
    instead_of: int | None = None

    def row(self) -> AmountField:
        """The version that it would be."""
        return AmountField(
            name=self.name,
            label=self.label,
            kind=AmountField.Kind.FORMULA,
            formula=self.formula,
            blanks=self.blanks,
            note=self.why,
        )


@dataclass(frozen=True, slots=True)
class Saved:
    """The new version, and the opportunities whose products in Salesforce it makes stale."""

    row: AmountField
    stale: tuple[int, ...]


def save(draft: Draft, *, actor: Actor) -> Saved:
    """The draft as the version in force; the older ones stay as history.

    Errors: CompileError with the place in the formula; Refused for anything else that is wrong,
    for a pinned quote that breaks without being named in the reason, and for a version that
    somebody else saved meanwhile. Nothing is written then.
    """
    draft = replace(
        draft,
        name=draft.name.strip(),
        label=" ".join(draft.label.split()),
        formula=draft.formula.replace("\r\n", "\n").strip(),
        why=" ".join(draft.why.split()),
    )
    try:
        with transaction.atomic():
            return _save(draft, actor=actor)
    except IntegrityError as error:
        raise Refused("", _MEANWHILE) from error


def _save(draft: Draft, *, actor: Actor) -> Saved:
    """Every version in force is locked, so that no two formulas close a circle at once."""
    rows = list(AmountField.objects.select_for_update().filter(is_current=True).order_by("name"))
    old = next((row for row in rows if row.pk == draft.instead_of), None)
    if (draft.instead_of is not None and old is None) or (old and old.name != draft.name):
        raise Refused("", _MEANWHILE)
    row = draft.row()
    _check(row, rows, old=old)
    others = [each for each in rows if each is not old]
    _check_time(row, others, actor=actor)
    before, after = custom_fields.of_rows(rows), custom_fields.of_rows([*others, row])
    _check_dependents(others, before, after)
    settings = product_settings.in_force().settings
    chosen = settings.amount_field
    is_in_force = row.name in before.behind(chosen) | after.behind(chosen)
    if is_in_force:
        _check_pins(draft.why, settings, before, after, reader=actor)
    if old is not None:
        AmountField.objects.filter(pk=old.pk).update(is_current=False)
    custom_fields.add_version(row, actor=actor)
    return Saved(row, _stale(settings, before, after) if is_in_force else ())


def push(opportunity_ids: Sequence[int], *, actor: Actor) -> None:
    """Asks for the products of these opportunities to be sent anew."""
    outbox.request_in_bulk(
        opportunity_ids, trigger=TRIGGER, actor=actor, lane=OutboundPush.Lane.PRODUCTS
    )


def name_problem(name: str, rows: Sequence[AmountField]) -> str | None:
    """Why a new field cannot have the name. Names are the same in any case."""
    if name.lower().startswith(_PACKAGE):
        return f"Names that begin with {_PACKAGE} belong to MonetizeNow's package."
    taken = {field.name.lower() for field in BUILT_IN}
    if name.lower() in taken:
        return f"Every quote item has a field {name} already."
    for row in rows:
        if row.name.lower() == name.lower():
            return f"There is a field of that name: {row.label}, a {row.get_kind_display()}."
    return None


def _check(row: AmountField, rows: Sequence[AmountField], *, old: AmountField | None) -> None:
    if old is None and (taken := name_problem(row.name, rows)):
        raise Refused("name", taken)
    if old is not None and old.kind != AmountField.Kind.FORMULA:
        raise Refused("", "It is a field of Salesforce: it can be changed there alone.")
    if old is not None and _content(old) == _content(row):
        raise Refused("", "Nothing was changed, so there is no new version.")
    if not row.note:
        raise Refused("why", "Say why: the reason is kept with the version.")
    try:
        row.clean_fields(exclude=["created_by", "created_by_name"])
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        raise Refused("why" if field == "note" else field, texts[0]) from error


def _content(row: AmountField) -> tuple[str, str, str]:
    return row.label, row.formula, row.blanks


def _check_time(row: AmountField, others: Sequence[AmountField], *, actor: Actor) -> None:
    """A formula that takes long would hold up every push and every page that shows amounts."""
    trial = amount_field_preview.try_out(row, others, reader=actor)
    if trial.error is not None:
        raise trial.error
    if trial.is_slow:
        raise Refused(
            "formula", "It takes too long. Join shorter texts, and use simpler patterns in REGEX."
        )


def _check_dependents(
    others: Sequence[AmountField], before: CustomFields, after: CustomFields
) -> None:
    lost = [
        row.label
        for row in others
        if before.formulas.get(row.name) and not after.formulas[row.name]
    ]
    if lost:
        raise Refused("formula", f"Formulas that use it would break: {', '.join(lost)}.")


def _check_pins(
    why: str,
    settings: ProductSyncSettings,
    before: CustomFields,
    after: CustomFields,
    *,
    reader: Actor,
) -> None:
    broken = pins.newly_broken(
        pins.check(settings, reader=reader, custom=before),
        pins.check(settings, reader=reader, custom=after),
    )
    if missing := pins.unnamed(broken, why):
        raise Refused(
            "why", f"It breaks pinned quotes that the reason does not name: {', '.join(missing)}."
        )


def _stale(
    settings: ProductSyncSettings, before: CustomFields, after: CustomFields
) -> tuple[int, ...]:
    """None while product sync is disabled: enabling it pushes everything anyway."""
    if settings.is_disabled:
        return ()
    rows = what_if.open_linked().filter(primary_quote__isnull=False).order_by("pk")
    quotes = dict(rows.values_list("pk", "primary_quote_id"))
    then = quote_facts(quotes.values(), custom=before)
    now = quote_facts(quotes.values(), custom=after)
    return tuple(
        pk
        for pk, quote in quotes.items()
        if list(_sent(then[quote], settings)) != list(_sent(now[quote], settings))
    )


def _sent(quote: QuoteFacts, settings: ProductSyncSettings) -> Iterator[object]:
    for each in verdicts(quote, settings):
        yield (each.amount, each.quantity) if each.goes else None
