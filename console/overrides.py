"""Sets which quote lines are synced whatever the rules say, line by line or many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from console import outbox
from console.actor import Actor
from console.facts import may_read
from console.line_facts import quote_facts
from console.locks import lock_opportunities
from console.models import Association, OutboundPush, Quote, QuoteItem
from syncrules.line_facts import LineFacts, Override
from syncrules.override_lint import refusal
from syncrules.reasons import describe

TRIGGER: Final = "override"
LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """An override somebody wants for a line. `seen`: the state of the line they looked at; None
    where it does not matter."""

    line_mn_id: str
    override: Override
    reason: str = ""
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a wish: set, nothing to change, or refused with the reason in words."""

    wish: Wish
    quote_mn_id: str = ""
    now: Override = Override.BLANK
    refused: str = ""
    state: str = ""

    @property
    def changes(self) -> bool:
        return not self.refused and self.wish.override is not self.now


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rulings as they were carried out, and how many pushes were asked for."""

    rulings: tuple[Ruling, ...]
    pushes: int

    @property
    def changed(self) -> int:
        return sum(ruling.changes for ruling in self.rulings)

    @property
    def refused(self) -> tuple[Ruling, ...]:
        return tuple(ruling for ruling in self.rulings if ruling.refused)


def preview(wishes: Sequence[Wish], *, actor: Actor) -> tuple[Ruling, ...]:
    """What would become of each wish now. Nothing is written."""
    return _judge(wishes, _items(wishes), actor=actor)


def apply(wishes: Sequence[Wish], *, actor: Actor) -> Outcome:
    """Sets what may be set, and asks for a push where the quote is primary and linked.

    The opportunities are held first, so that none of the quotes is finalized in between.
    """
    with transaction.atomic():
        lock_opportunities(_opportunities(wishes))
        items = _items(wishes, locked=True)
        rulings = _judge(wishes, items, actor=actor)
        changing = [ruling for ruling in rulings if ruling.changes]
        for ruling in changing:
            _write(items[ruling.wish.line_mn_id], ruling.wish, actor=actor)
        stale = _to_push(items[ruling.wish.line_mn_id] for ruling in changing)
        for opportunity_id in stale:
            outbox.request_push(
                opportunity_id=opportunity_id,
                trigger=TRIGGER,
                actor=actor,
                lane=OutboundPush.Lane.PRODUCTS,
            )
    return Outcome(rulings, len(stale))


def state_of(item: QuoteItem) -> str:
    """What was seen of a line; another text means that it changed since."""
    quote = item.quote
    at = item.override_at.isoformat() if item.override_at else ""
    primary = quote.opportunity.primary_quote_id if quote.opportunity else None
    return f"{item.override}|{at}|{quote.status}|{primary == quote.pk}"


def _opportunities(wishes: Sequence[Wish]) -> list[int]:
    names = [wish.line_mn_id for wish in wishes]
    found = Quote.objects.filter(items__mn_id__in=names, opportunity__isnull=False)
    return [pk for pk in found.values_list("opportunity_id", flat=True).distinct() if pk]


def _items(wishes: Sequence[Wish], *, locked: bool = False) -> dict[str, QuoteItem]:
    rows = QuoteItem.objects.filter(mn_id__in=[wish.line_mn_id for wish in wishes])
    if locked:
        rows = rows.select_for_update(of=("self",))
    rows = rows.select_related("quote__opportunity").prefetch_related("quote__readers")
    return {row.mn_id: row for row in rows.order_by("pk")}


def _judge(
    wishes: Sequence[Wish], items: Mapping[str, QuoteItem], *, actor: Actor
) -> tuple[Ruling, ...]:
    facts = quote_facts({item.quote_id for item in items.values()})
    lines = {line.mn_id: line for quote in facts.values() for line in quote.lines}
    named: set[str] = set()
    rulings = []
    for wish in wishes:
        item = items.get(wish.line_mn_id)
        if item is None or not may_read(item.quote, actor):
            rulings.append(Ruling(wish, refused="There is no such line, or you may not read it."))
            continue
        is_double = wish.line_mn_id in named
        named.add(wish.line_mn_id)
        refused = "The line is named twice." if is_double else _refusal(wish, item, lines)
        rulings.append(
            Ruling(
                wish,
                quote_mn_id=item.quote.mn_id,
                now=Override(item.override),
                refused=refused,
                state=state_of(item),
            )
        )
    return tuple(rulings)


def _refusal(wish: Wish, item: QuoteItem, lines: Mapping[str, LineFacts]) -> str:
    if (against := refusal(lines[wish.line_mn_id])) is not None:
        return f"{describe(against).title}: its overrides cannot be changed any more."
    if wish.seen is not None and wish.seen != state_of(item):
        return "The line or its quote changed since you looked at it."
    is_kept = wish.override == item.override
    if wish.override is not Override.BLANK and not wish.reason and not is_kept:
        return "Say why: an override needs a reason."
    if len(wish.reason) > LONGEST_REASON:
        return f"The reason is longer than {LONGEST_REASON} characters."
    return ""


def _write(item: QuoteItem, wish: Wish, *, actor: Actor) -> None:
    """Clearing an override keeps who cleared it and why, too."""
    QuoteItem.objects.filter(pk=item.pk).update(
        override=wish.override.value,
        override_reason=wish.reason,
        override_by_name=actor.name,
        override_at=Now(),
    )


def _to_push(items: Iterable[QuoteItem]) -> list[int]:
    """The linked opportunities whose primary quote the lines are on."""
    primary = {
        item.quote.opportunity.pk
        for item in items
        if item.quote.opportunity is not None
        and item.quote.opportunity.primary_quote_id == item.quote_id
    }
    linked = Association.objects.filter(opportunity_id__in=primary, ended_at__isnull=True)
    return sorted(linked.values_list("opportunity_id", flat=True))
