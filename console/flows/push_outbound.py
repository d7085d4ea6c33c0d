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
from console.models import Opportunity, SalesforceConnection
from console.salesforce.gateway import Gateway, SalesforceError
from console.sync_log import Stopwatch
from syncrules import push_outbound as rule
from syncrules.decisions import Decision
from syncrules.facts import Connection, Pairing, PushFacts, RemoteOpportunity


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
    located: rule.Located


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
    return {
        pk: _Target(row, pairings.get(pk), rule.locate(opportunity_fact(row), pairings.get(pk)))
        for pk, row in rows.items()
    }


def _look(client: Gateway, targets: Mapping[int, _Target]) -> _Seen:
    ids = {t.located.salesforce_id for t in targets.values()} - {None}
    quotes = {t.row.primary_quote.mn_id for t in targets.values() if t.row.primary_quote}
    return _Seen(
        remotes=client.read_opportunities({i for i in ids if i is not None}),
        quote_records=client.find_quote_records(quotes),
        pairings=pairings_of_records(i for i in ids if i is not None),
    )


def _facts(target: _Target, *, connection: Connection, seen: _Seen) -> PushFacts:
    salesforce_id = target.located.salesforce_id or ""
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
    )


def _ask_salesforce(
    row: SalesforceConnection, attempts: Sequence[Attempt], targets: Mapping[int, _Target]
) -> None:
    """Reads, sends what differs, reads back. Trouble meets those whose fate is still open."""
    located = [a for a in attempts if a.salesforce_id]
    if not located:
        return
    try:
        client = connections.gateway(row)
        seen = _look(client, {a.row.pk: targets[a.row.pk] for a in located})
    except SalesforceError as error:
        connections.note_trouble(row, error)
        for attempt in located:
            attempt.could_not_read(error)
        return
    for attempt in located:
        target = targets[attempt.row.pk]
        attempt.facts = _facts(target, connection=attempt.facts.connection, seen=seen)
    _send(row, client, {a.salesforce_id: a for a in located if a.wished})


def _send(row: SalesforceConnection, client: Gateway, attempts: Mapping[str, Attempt]) -> None:
    """One update for all. A value that Salesforce took and did not keep is no success, so
    everything accepted is read again."""
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
