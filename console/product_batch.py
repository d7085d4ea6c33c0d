"""Pushes of products that travel together: what is known here of each, and how many go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from console import connections, custom_fields, leases, portions, product_settings
from console.claims import Claim
from console.custom_fields import CustomFields
from console.facts import pairings_of_opportunities
from console.line_facts import line_counts, quote_facts
from console.product_attempts import ProductAttempt
from console.product_settings import InForce
from console.salesforce.product_gateway import RecordWithProducts
from console.subjects import Subject, subjects
from console.sync_log import Stopwatch
from syncrules import misfortunes
from syncrules.facts import Connection, Pairing
from syncrules.line_facts import QuoteFacts
from syncrules.product_push_facts import ProductPushFacts

_MOST: Final = 2000
"""Lines that are looked at, and products that are written: one call reads and two calls write so
many."""


@dataclass(frozen=True, slots=True)
class Target:
    """An opportunity with its pair, and the quote whose lines go to it."""

    subject: Subject
    pairing: Pairing | None
    quote_id: int | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What was chosen, and the custom fields that the choice may mean."""

    chosen: InForce = field(default_factory=product_settings.in_force)
    custom: CustomFields = field(default_factory=custom_fields.in_force)

    @property
    def to_be_read(self) -> frozenset[str]:
        return self.custom.to_be_read(self.chosen.settings.amount_field)


class Batch:
    """The attempts of a batch, in the order of their turn.

    `quarantined`: they took others along so often that nothing of theirs is even looked at.
    """

    def __init__(self, claims: Sequence[Claim]) -> None:
        self.watch, self.rules = Stopwatch(), Rules()
        self.row = connections.in_force()
        self.connection = connections.fact(self.row)
        self._targets = resolve(claim.opportunity_id for claim in claims)
        attempts = [self._attempt(claim) for claim in claims]
        self.quarantined = [each for each in attempts if misfortunes.stop(each.facts)]
        self.going = [each for each in attempts if not misfortunes.stop(each.facts)]
        lines = {} if self.is_disabled else line_counts(quote_ids(self.targets_of(self.going)))
        self._go_on_with(
            portions.first(
                self.going,
                size=lambda each: lines.get(each.subject.primary_quote_id or 0, 0),
                most=_MOST,
            )
        )

    @property
    def is_disabled(self) -> bool:
        return self.rules.chosen.settings.is_disabled

    def targets_of(self, attempts: Iterable[ProductAttempt]) -> dict[int, Target]:
        """By our id of the opportunity."""
        return {each.subject.pk: self._targets[each.subject.pk] for each in attempts}

    def was_read(self, records: Mapping[str, RecordWithProducts]) -> None:
        """Both sides are known: our lines, and what Salesforce has."""
        targets = self.targets_of(self.going)
        quotes = quote_facts(quote_ids(targets), custom=self.rules.custom)
        for attempt in self.going:
            facts = facts_of(
                targets[attempt.subject.pk],
                self.rules,
                self.connection,
                quotes=quotes,
                records=records,
            )
            attempt.facts = replace(facts, strikes=attempt.facts.strikes)

    def to_send(self, *, write_ms: float | None) -> list[ProductAttempt]:
        """As many of those that differ as are written in a few seconds. The others are given back:
        somebody's click must not wait for all of them."""
        writing = [attempt for attempt in self.going if attempt.must_write]
        most = portions.records_in_time(_MOST, write_ms=write_ms)
        first = portions.first(writing, size=lambda each: each.changes, most=most)
        later = {each.claim.push_id for each in writing[len(first) :]}
        self._go_on_with([each for each in self.going if each.claim.push_id not in later])
        return list(first)

    def _go_on_with(self, some: Sequence[ProductAttempt]) -> None:
        kept = {each.claim.push_id for each in some}
        leases.give_back([a.claim for a in self.going if a.claim.push_id not in kept])
        self.going = list(some)

    def _attempt(self, claim: Claim) -> ProductAttempt:
        target, strikes = self._targets[claim.opportunity_id], claim.strikes
        facts = facts_of(target, self.rules, self.connection)
        if strikes is not None and self.row is not None:
            facts = replace(facts, strikes=replace(strikes, last_success=self.row.succeeded_at))
        return ProductAttempt(claim, target.subject, facts, self.rules.chosen.revision)


def resolve(opportunity_ids: Iterable[int], *, quote_id: int | None = None) -> dict[int, Target]:
    """By our id. `quote_id`: the quote to go instead of the primary one."""
    found = subjects(opportunity_ids)
    pairings = pairings_of_opportunities(found)
    return {
        pk: Target(each, pairings.get(pk), quote_id or each.primary_quote_id)
        for pk, each in found.items()
    }


def quote_ids(targets: Mapping[int, Target]) -> set[int]:
    """The quotes whose lines go."""
    return {target.quote_id for target in targets.values() if target.quote_id is not None}


def facts_of(
    target: Target,
    rules: Rules,
    connection: Connection,
    *,
    quotes: Mapping[int, QuoteFacts] = MappingProxyType({}),
    records: Mapping[str, RecordWithProducts] = MappingProxyType({}),
) -> ProductPushFacts:
    """What is known here of an opportunity's products, and what Salesforce has, if it was read."""
    found = records.get(target.pairing.salesforce_id) if target.pairing else None
    return ProductPushFacts(
        connection=connection,
        opportunity=target.subject.fact,
        settings=rules.chosen.settings,
        pairing=target.pairing,
        primary=target.subject.primary,
        quote=quotes.get(target.quote_id) if target.quote_id else None,
        remote=found.opportunity if found else None,
        products=found.products if found else None,
    )
