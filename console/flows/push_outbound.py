"""Flow D: Salesforce is brought in step with many opportunities at once.

Claim, resolve, read, compare, send, read back, record: for a list, with few calls, and with no
transaction open while Salesforce is asked. Every write can be repeated without harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from console import connections, outbox
from console.actor import Actor
from console.attempts import Attempt, record
from console.facts import (
    opportunity_fact,
    pairings_of_opportunities,
    pairings_of_records,
    quote_fact,
)
from console.former_products import withdraw
from console.models import Opportunity, Relink, SalesforceConnection
from console.relinks import pending_relinks
from console.salesforce.gateway import Gateway, RecordBusy, SalesforceError, WriteResult
from console.sync_log import Stopwatch
from syncrules import push_outbound as rule
from syncrules.decisions import Decision
from syncrules.facts import (
    MN_ID_FIELD,
    PRIMARY_QUOTE_FIELD,
    ClearingFact,
    Connection,
    Pairing,
    PushFacts,
    RemoteOpportunity,
)


def preview(opportunity_id: int) -> tuple[PushFacts, Decision]:
    """What a push would do now, from Salesforce as it is now; changes nothing.

    Errors: SalesforceError when Salesforce cannot be read.
    """
    targets = _resolve([opportunity_id])
    row = connections.in_force()
    connection = connections.fact(row)
    seen = _Seen()
    if row is not None and connection.is_live:
        seen = _look(connections.gateway(row), targets)
    facts = _facts(targets[opportunity_id], connection=connection, seen=seen)
    return facts, rule.decide(facts)


def run(claims: Sequence[outbox.Claim]) -> int:
    """How many of the claimed pushes were brought to an end that could be recorded."""
    watch = Stopwatch()
    targets = _resolve(claim.opportunity_id for claim in claims)
    row = connections.in_force()
    connection = connections.fact(row)
    attempts = [
        Attempt(
            claim,
            targets[claim.opportunity_id].row,
            _facts(targets[claim.opportunity_id], connection=connection, seen=_Seen()),
            relink=targets[claim.opportunity_id].relink,
        )
        for claim in claims
    ]
    if row is not None and connection.is_live:
        _ask_salesforce(row, attempts, targets)
    return record(attempts, watch=watch)


@dataclass(frozen=True, slots=True)
class _Target:
    """An opportunity of ours with what the database says about its pair."""

    row: Opportunity
    pairing: Pairing | None
    relink: Relink | None

    @property
    def former_partner(self) -> str | None:
        """The record that a change of partner left behind and Salesforce must empty first."""
        return self.relink.old.salesforce_id if self.relink and self.relink.old else None

    @property
    def salesforce_id(self) -> str | None:
        return rule.locate(opportunity_fact(self.row), self.pairing).salesforce_id

    @property
    def records(self) -> set[str]:
        return {each for each in (self.salesforce_id, self.former_partner) if each}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What Salesforce has now."""

    remotes: Mapping[str, RemoteOpportunity] = field(default_factory=dict)
    quote_records: Mapping[str, str] = field(default_factory=dict)
    pairings: Mapping[str, Pairing] = field(default_factory=dict)


def _resolve(opportunity_ids: Iterable[int]) -> dict[int, _Target]:
    related = ("account", "primary_quote__account", "primary_quote__opportunity")
    rows = Opportunity.objects.select_related(*related).in_bulk(list(opportunity_ids))
    pairings = pairings_of_opportunities(rows)
    pending = pending_relinks(rows)
    return {pk: _Target(row, pairings.get(pk), pending.get(pk)) for pk, row in rows.items()}


def _look(client: Gateway, targets: Mapping[int, _Target]) -> _Seen:
    records = {each for target in targets.values() for each in target.records}
    quotes = {t.row.primary_quote.mn_id for t in targets.values() if t.row.primary_quote}
    return _Seen(
        remotes=client.read_opportunities(records),
        quote_records=client.find_quote_records(quotes),
        pairings=pairings_of_records(records),
    )


def _facts(target: _Target, *, connection: Connection, seen: _Seen) -> PushFacts:
    salesforce_id, former = target.salesforce_id or "", target.former_partner
    primary = target.row.primary_quote
    quote = primary.mn_id if primary else None
    record_id = seen.quote_records.get(quote) if quote else None
    return PushFacts(
        connection=connection,
        opportunity=opportunity_fact(target.row),
        pairing=target.pairing,
        remote=seen.remotes.get(salesforce_id),
        pairing_of_record=seen.pairings.get(salesforce_id),
        quote_records={quote: record_id} if quote and record_id else {},
        primary=quote_fact(primary, reader=Actor.console("push")) if primary else None,
        clearing=ClearingFact(former, seen.remotes.get(former)) if former else None,
    )


def _ask_salesforce(
    row: SalesforceConnection, attempts: Sequence[Attempt], targets: Mapping[int, _Target]
) -> None:
    """Reads, sends what differs, reads back. Trouble meets those whose fate is still open."""
    concerned = [a for a in attempts if targets[a.row.pk].records]
    if not concerned:
        return
    try:
        client = connections.gateway(row)
        seen = _look(client, {a.row.pk: targets[a.row.pk] for a in concerned})
    except SalesforceError as error:
        connections.note_trouble(row, error)
        for attempt in concerned:
            attempt.could_not_read(error)
        return
    for attempt in concerned:
        target = targets[attempt.row.pk]
        attempt.facts = _facts(target, connection=attempt.facts.connection, seen=seen)
    _release_former_partners(client, [a for a in concerned if a.facts.clearing])
    _send(row, client, _one_per_record([a for a in concerned if a.wished]))


def _release_former_partners(client: Gateway, attempts: Sequence[Attempt]) -> None:
    """The old record loses our products and is emptied before the new one is filled, so that no
    moment shows two."""
    still_linked = {
        clearing.salesforce_id: attempt
        for attempt in attempts
        if (clearing := attempt.facts.clearing) is not None
        and clearing.salesforce_id != attempt.salesforce_id
        and clearing.remote is not None
        and clearing.remote.mn_id == attempt.row.mn_id
    }
    if not still_linked:
        return
    refusals = withdraw(client, still_linked.keys())
    for salesforce_id, error in refusals.items():
        refused = WriteResult(salesforce_id, error=error, sent={}, answer={})
        still_linked.pop(salesforce_id).former_partner_was_answered(refused)
    empty = {MN_ID_FIELD: None, PRIMARY_QUOTE_FIELD: None}
    results = client.update_opportunities(dict.fromkeys(still_linked, empty))
    for salesforce_id, attempt in still_linked.items():
        attempt.former_partner_was_answered(results[salesforce_id])


def _one_per_record(attempts: Sequence[Attempt]) -> dict[str, Attempt]:
    """Two opportunities may name one record at their creation: the first one gets it, the other
    waits and then finds it taken."""
    chosen: dict[str, Attempt] = {}
    for attempt in attempts:
        if attempt.salesforce_id in chosen:
            attempt.could_not_read(
                RecordBusy("IN_FLIGHT", "another push of this record goes first")
            )
        else:
            chosen[attempt.salesforce_id] = attempt
    return chosen


def _send(row: SalesforceConnection, client: Gateway, attempts: Mapping[str, Attempt]) -> None:
    """One update for all. A value that Salesforce took and did not keep is no success, so what
    was accepted is read again."""
    results = client.update_opportunities({i: a.wished for i, a in attempts.items()})
    for salesforce_id, attempt in attempts.items():
        attempt.was_answered(results[salesforce_id])
    errors = [result.error for result in results.values() if result.error is not None]
    accepted = [a for a in attempts.values() if a.result and a.result.error is None]
    try:
        now = client.read_opportunities({a.salesforce_id for a in accepted})
    except SalesforceError as error:
        errors.append(error)
        for attempt in accepted:
            attempt.could_not_read_back(error)
    else:
        for attempt in accepted:
            attempt.was_read_back(now.get(attempt.salesforce_id))
    connections.note_success(row, client)
    for trouble in errors:
        connections.note_trouble(row, trouble)
