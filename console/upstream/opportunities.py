"""Opportunities as MonetizeNow sends them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from console import outbox
from console.actor import Actor
from console.locks import lock_opportunities, lock_records
from console.models import Account, Opportunity, SyncLog
from console.upstream import primary
from console.upstream.records import NOTHING_NEW, Stored, Values, is_news, refer, write
from syncrules.facts import FINALIZED_OPPORTUNITY


def store(mn_id: str, *, at: datetime, values: Values, actor: Actor) -> Stored:
    """What became of this version of an opportunity.

    A primary quote that may not change is refused by itself, with its reason in the log; the rest
    of the version is stored. Nothing but the primary quote is pushed, so nothing else asks for it.

    Errors: Refusal; nothing is stored then.
    """
    with transaction.atomic():
        lock_records([f"Opportunity {mn_id}"])
        row = _held(mn_id)
        if not is_news(row, at):
            return NOTHING_NEW
        columns = refer(values, account_id=Account)
        wish = columns.pop("primary_quote_id", None)
        ignored = () if row is None else _not_again(columns)
        closed_with_it = row if row is not None and _closes(row, columns) else None
        entry = _tell(closed_with_it, wish, actor=actor)
        stored, changed = write(row, Opportunity, mn_id=mn_id, at=at, columns=columns)
        if closed_with_it is None:
            entry = _tell(stored, wish, actor=actor)
        return Stored(
            is_new=row is None,
            changed=(*changed, "primary_quote_id") if entry and primary.was_set(entry) else changed,
            ignored=ignored,
            is_push_requested=_pushes(stored, is_new=row is None, entry=entry, actor=actor),
            entry=entry,
        )


def _held(mn_id: str) -> Opportunity | None:
    lock_opportunities(Opportunity.objects.filter(mn_id=mn_id).values_list("pk", flat=True))
    return Opportunity.objects.select_related("primary_quote").filter(mn_id=mn_id).first()


def _not_again(columns: dict[str, object]) -> tuple[str, ...]:
    """The creation reference counts at creation only: an unlink has taken it away for good."""
    field = "creation_reference"
    return (field,) if columns.pop(field, None) is not None else ()


def _closes(row: Opportunity, columns: Values) -> bool:
    """A deal that this version closes: its primary quote was named before it was closed, for
    MonetizeNow locks it just the same."""
    will_be = columns.get("status", row.status)
    return row.status not in FINALIZED_OPPORTUNITY and will_be in FINALIZED_OPPORTUNITY


def _tell(row: Opportunity | None, wish: str | None, *, actor: Actor) -> SyncLog | None:
    """Flow C, if there is something to decide."""
    if row is None or wish is None:
        return None
    if row.primary_quote is not None and row.primary_quote.mn_id == wish:
        return None
    return primary.tell(row, quote_mn_id=wish, trigger=primary.TRIGGER, actor=actor)


def _pushes(row: Opportunity, *, is_new: bool, entry: SyncLog | None, actor: Actor) -> bool:
    """Whether Salesforce is told: of a primary quote, and of the opportunity that was created
    for one of its records."""
    if entry is not None and primary.asked_for_push(entry):
        return True
    if is_new and row.creation_reference is not None:
        outbox.request_push(opportunity_id=row.pk, trigger=primary.TRIGGER, actor=actor)
        return True
    return False
