"""Quotes as MonetizeNow sends them, each with all its lines and who may read it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from console import outbox
from console.actor import Actor
from console.facts import may_read
from console.locks import lock_opportunities, lock_records
from console.models import Account, Association, Opportunity, Quote
from console.upstream import lines, primary
from console.upstream.records import (
    NOTHING_NEW,
    LineChanges,
    Refusal,
    Stored,
    Values,
    Why,
    is_news,
    refer,
    write,
)

_SHOWN: Final = frozenset({"type", "currency", "contract_start", "contract_end"})
"""What decides, besides the lines, which opportunity products there are and their amounts."""


def store(
    mn_id: str,
    *,
    at: datetime,
    values: Values,
    items: Sequence[Values],
    reader_groups: Collection[str] | None,
    actor: Actor,
) -> Stored:
    """What became of this version of a quote. Its state locks nothing here: dates move even after
    acceptance. Lines that are not among `items` go; `reader_groups` None leaves the readers.

    Errors: Refusal; nothing is stored then.
    """
    with transaction.atomic():
        lock_records([f"Quote {mn_id}"])
        row = _readable(mn_id, actor)
        if not is_news(row, at):
            return NOTHING_NEW
        columns = refer(values, account_id=Account, opportunity_id=Opportunity)
        row = _held(row, columns)
        _check_dates(row, columns)
        groups = _groups(reader_groups, actor)
        stored, changed = write(row, Quote, mn_id=mn_id, at=at, columns=columns)
        changed += _set_readers(stored, groups)
        of_lines = lines.replace(stored, items)
        return Stored(
            is_new=row is None,
            changed=(*changed, "items") if of_lines != LineChanges() else changed,
            lines=of_lines,
            is_push_requested=_push_if_shown(stored, changed, of_lines, actor=actor),
        )


def _readable(mn_id: str, actor: Actor) -> Quote | None:
    """The stored quote. Who may not read it may not change it, nor who its readers are."""
    row = Quote.objects.prefetch_related("readers").filter(mn_id=mn_id).first()
    if row is not None and not may_read(row, actor):
        raise Refusal(
            Why.QUOTE_INACCESSIBLE, "mn_id", f"{actor.name} is in no group that may read {mn_id}"
        )
    return row


def _held(row: Quote | None, columns: dict[str, Any]) -> Quote | None:
    """The quote as it is once its opportunities hold still, and nobody makes it primary.

    Errors: Refusal when it is to leave an opportunity whose primary quote it is.
    """
    before = row.opportunity_id if row else None
    after = columns.get("opportunity_id", before)
    lock_opportunities(each for each in (before, after) if each is not None)
    if row is None:
        return None
    held = Quote.objects.select_for_update(of=("self",)).get(pk=row.pk)
    owner = Opportunity.objects.filter(primary_quote_id=row.pk).first()
    if owner is not None and owner.pk != after:
        raise Refusal(
            Why.STILL_PRIMARY,
            "opportunity_id",
            f"the quote is the primary one of {owner.mn_id}; give that another one first",
        )
    return held


def _check_dates(row: Quote | None, columns: Values) -> None:
    """The two dates as they will be, of which the version may bring only one."""
    start = columns.get("contract_start", row.contract_start if row else None)
    end = columns.get("contract_end", row.contract_end if row else None)
    if start and end and end < start:
        raise Refusal(Why.INVALID, "contract_end", f"{end} is before contract_start, {start}")


def _groups(names: Collection[str] | None, actor: Actor) -> list[Group] | None:
    if names is None:
        return None
    groups = list(Group.objects.filter(name__in=names))
    missing = sorted(set(names) - {group.name for group in groups})
    if missing:
        raise Refusal(Why.UNKNOWN_REFERENCE, "reader_groups", f"no group {missing[0]!r} is here")
    is_locked_out = groups and not actor.group_ids & {group.pk for group in groups}
    if is_locked_out and not actor.reads_everything:
        raise Refusal(
            Why.INVALID, "reader_groups", f"{actor.name} itself is in none of these groups"
        )
    return groups


def _set_readers(quote: Quote, groups: list[Group] | None) -> tuple[str, ...]:
    if groups is None:
        return ()
    before = set(quote.readers.values_list("pk", flat=True))
    if before == {group.pk for group in groups}:
        return ()
    quote.readers.set(groups)
    return ("reader_groups",)


def _push_if_shown(
    quote: Quote, changed: Collection[str], of_lines: LineChanges, *, actor: Actor
) -> bool:
    """Whether a push was requested: Salesforce shows the lines of the primary quote of a located
    opportunity, and nothing of any other quote."""
    if not (of_lines.is_shown or _SHOWN & set(changed)):
        return False
    pairs = Association.objects.filter(opportunity_id=OuterRef("pk"), ended_at__isnull=True)
    located = Q(Exists(pairs)) | Q(creation_reference__isnull=False)
    owner = Opportunity.objects.filter(located, primary_quote_id=quote.pk).first()
    if owner is None:
        return False
    outbox.request_push(opportunity_id=owner.pk, trigger=primary.TRIGGER, actor=actor)
    return True
