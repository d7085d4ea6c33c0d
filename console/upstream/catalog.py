"""Accounts, products and pricebook entries as MonetizeNow sends them.

None of them asks for a push: nothing of an account is pushed, and a changed product or price
reaches an opportunity with its next push.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db import transaction

from console.locks import lock_records
from console.models import Account, PricebookEntry, Product
from console.upstream.records import (
    NOTHING_NEW,
    Refusal,
    Stored,
    Values,
    Why,
    is_news,
    refer,
    write,
)

_C = TypeVar("_C", Account, Product, PricebookEntry)


def store_account(mn_id: str, *, at: datetime, values: Values) -> Stored:
    """What became of this version of an account. Errors: Refusal; nothing is stored then."""
    return _store(Account, mn_id, at=at, values=values, unique="salesforce_id")


def store_product(mn_id: str, *, at: datetime, values: Values) -> Stored:
    """What became of this version of a product. Errors: Refusal; nothing is stored then."""
    return _store(Product, mn_id, at=at, values=values)


def store_pricebook_entry(mn_id: str, *, at: datetime, values: Values) -> Stored:
    """What became of this version of an entry. Errors: Refusal; nothing is stored then."""
    with transaction.atomic():
        columns = refer(values, product_id=Product)
        return _store(PricebookEntry, mn_id, at=at, values=columns, unique="salesforce_id")


def _store(
    kind: type[_C], mn_id: str, *, at: datetime, values: Values, unique: str | None = None
) -> Stored:
    taken: str | None = values.get(unique) if unique else None
    with transaction.atomic():
        # Two calls may bring one record, or claim one Salesforce record: the second one waits.
        lock_records([f"{kind.__name__} {mn_id}", *([taken] if taken else [])])
        row = kind._default_manager.select_for_update(no_key=True).filter(mn_id=mn_id).first()  # noqa: SLF001  Django's public name
        if not is_news(row, at):
            return NOTHING_NEW
        if unique and taken:
            _refuse_a_taken(kind, mn_id, field=unique, value=taken)
        _, changed = write(row, kind, mn_id=mn_id, at=at, columns=values)
    return Stored(is_new=row is None, changed=changed)


def _refuse_a_taken(kind: type[_C], mn_id: str, *, field: str, value: str) -> None:
    others = kind._default_manager.filter(**{field: value}).exclude(mn_id=mn_id)  # noqa: SLF001  Django's public name
    owner = others.values_list("mn_id", flat=True).first()
    if owner is not None:
        raise Refusal(Why.TAKEN, field, f"{value} belongs to {owner} already")
