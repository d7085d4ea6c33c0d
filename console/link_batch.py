"""Pushes of links that travel together: what is known here of each, and what Salesforce has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from console import connections
from console.attempts import Attempt
from console.claims import Claim
from console.facts import pairings_of_records, stored_pairings
from console.models import Relink
from console.relinks import pending_relinks
from console.salesforce.gateway import Gateway, SalesforceError
from console.salesforce.looks import Look
from console.subjects import Subject, subjects
from console.sync_log import Stopwatch
from syncrules.attempt_facts import StrikesFact
from syncrules.facts import ClearingFact, Connection, Pairing, PushFacts
from syncrules.located import locate


@dataclass(frozen=True, slots=True)
class Target:
    """An opportunity of ours with what the database says about its pair."""

    subject: Subject
    pairing: Pairing | None
    pairing_row: int | None
    relink: Relink | None
    salesforce_id: str | None
    """The record to write to."""
    former_partner: str | None
    """The record that a change of partner left behind and Salesforce must empty first."""

    @property
    def records(self) -> list[str]:
        return [each for each in (self.salesforce_id, self.former_partner) if each]


@dataclass(frozen=True, slots=True)
class Seen:
    """What Salesforce has now, and whom its records are paired with here."""

    look: Look
    pairings: Mapping[str, Pairing] = field(default_factory=dict)


NOTHING_SEEN: Final = Seen(Look({}, {}))


class Batch:
    """The attempts of a batch. `concerned`: those about which Salesforce is to be asked."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self.watch = Stopwatch()
        self.connection = connections.in_force()
        self.connection_fact = connections.fact(self.connection)
        self._targets = resolve(claim.opportunity_id for claim in claims)
        self.attempts = [self._attempt(claim) for claim in claims]
        self.concerned = [
            attempt
            for attempt in self.attempts
            if self._targets[attempt.subject.pk].records and not attempt.is_quarantined
        ]
        self.records = _records(self._targets[each.subject.pk] for each in self.concerned)

    def _attempt(self, claim: Claim) -> Attempt:
        target, strikes = self._targets[claim.opportunity_id], claim.strikes
        if strikes is not None and self.connection is not None:
            strikes = replace(strikes, last_success=self.connection.succeeded_at)
        facts = facts_of(
            target, connection=self.connection_fact, seen=NOTHING_SEEN, strikes=strikes
        )
        return Attempt(claim, target.subject, facts, relink=target.relink)

    @property
    def quotes(self) -> set[str]:
        primaries = (attempt.subject.primary for attempt in self.concerned)
        return {primary.mn_id for primary in primaries if primary is not None}

    @property
    def unread(self) -> list[Attempt]:
        """What Salesforce has taken and was not asked about since."""
        return [attempt for attempt in self.concerned if attempt.is_unread]

    def finished(self) -> list[Attempt]:
        """What may be recorded, since nothing more will be learned."""
        return [attempt for attempt in self.attempts if not attempt.is_unread]

    def could_not_read(self, error: SalesforceError, *, together: int) -> None:
        for attempt in self.concerned:
            attempt.could_not_read(error, together=together)

    def was_read(self, look: Look) -> None:
        targets = self._targets.values()
        known = {t.pairing_row: t.pairing for t in targets if t.pairing_row and t.pairing}
        seen = Seen(look, pairings_of_records(self.records, known=known))
        for attempt in self.concerned:
            attempt.facts = facts_of(
                self._targets[attempt.subject.pk],
                connection=self.connection_fact,
                seen=seen,
                strikes=attempt.facts.strikes,
            )

    def to_send(self) -> dict[str, Attempt]:
        """By record, accounts together. Two opportunities may name one record at their creation:
        the first one gets it, the other waits and then finds it taken."""
        chosen: dict[str, Attempt] = {}
        for attempt in sorted((a for a in self.concerned if a.wished), key=_place):
            if attempt.salesforce_id in chosen:
                attempt.waits_for_another()
            else:
                chosen[attempt.salesforce_id] = attempt
        return chosen


def _place(attempt: Attempt) -> tuple[str, str]:
    """Where every batch puts an opportunity, so that locks are taken in one order everywhere."""
    remote = attempt.facts.remote
    return (remote.account_salesforce_id or "" if remote else "", attempt.salesforce_id)


def resolve(opportunity_ids: Iterable[int]) -> dict[int, Target]:
    found = subjects(opportunity_ids)
    pairings = stored_pairings(found)
    pending = pending_relinks(found)
    return {
        pk: _target(each, *pairings.get(pk, (None, None)), relink=pending.get(pk))
        for pk, each in found.items()
    }


def _target(
    subject: Subject, row: int | None, pairing: Pairing | None, *, relink: Relink | None
) -> Target:
    salesforce_id = locate(subject.fact, pairing).salesforce_id
    former = relink.old.salesforce_id if relink and relink.old else None
    return Target(subject, pairing, row, relink, salesforce_id, former)


def _records(targets: Iterable[Target]) -> set[str]:
    return {record for target in targets for record in target.records}


def seen_by(client: Gateway, targets: Iterable[Target]) -> Seen:
    wanted = list(targets)
    records = _records(wanted)
    quotes = {t.subject.primary.mn_id for t in wanted if t.subject.primary is not None}
    return Seen(client.look(records, quote_mn_ids=quotes), pairings_of_records(records))


def facts_of(
    target: Target, *, connection: Connection, seen: Seen, strikes: StrikesFact | None = None
) -> PushFacts:
    salesforce_id, former = target.salesforce_id or "", target.former_partner
    remotes = seen.look.opportunities
    quote = target.subject.fact.primary_quote_mn_id
    record_id = seen.look.quote_records.get(quote) if quote else None
    return PushFacts(
        connection=connection,
        opportunity=target.subject.fact,
        pairing=target.pairing,
        remote=remotes.get(salesforce_id),
        pairing_of_record=seen.pairings.get(salesforce_id),
        quote_records={quote: record_id} if quote and record_id else {},
        primary=target.subject.primary,
        clearing=ClearingFact(former, remotes.get(former)) if former else None,
        strikes=strikes,
    )
