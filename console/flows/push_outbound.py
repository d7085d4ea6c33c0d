"""Flow D: Salesforce is brought in step with many opportunities at once.

Claim, resolve, read, compare, send, read back, record: for a thousand at a time, with few calls,
and with no transaction open while Salesforce is asked. Every write can be repeated without harm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console import connections, gateways
from console.attempts import Attempt
from console.claims import Claim
from console.faultpoints import faultpoint
from console.former_products import withdraw
from console.link_batch import NOTHING_SEEN, Batch, facts_of, resolve, seen_by
from console.link_recording import record
from console.models import SalesforceConnection
from console.salesforce.gateway import Gateway, SalesforceError, WriteResult
from console.salesforce.looks import Look
from console.sync_log import Stopwatch
from syncrules import push_outbound as rule
from syncrules.decisions import Decision
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD, PushFacts


def preview(opportunity_id: int) -> tuple[PushFacts, Decision]:
    """What a push would do now, from Salesforce as it is now; changes nothing.

    Errors: SalesforceError when Salesforce cannot be read.
    """
    target = resolve([opportunity_id])[opportunity_id]
    row = connections.in_force()
    connection = connections.fact(row)
    seen = NOTHING_SEEN
    if row is not None and connection.is_live:
        seen = seen_by(gateways.to(row), [target])
    facts = facts_of(target, connection=connection, seen=seen)
    return facts, rule.decide(facts)


def run(claims: Sequence[Claim]) -> int:
    """How many of the claimed pushes were brought to an end that could be recorded."""
    conveyor = Conveyor()
    return conveyor.take(claims) + conveyor.finish()


class Conveyor:
    """Batches one behind the other. What a large batch wrote is read back in the same call that
    reads what the next one needs, so that in the long run a thousand pushes are two calls."""

    def __init__(self) -> None:
        self._unread: Batch | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether something was written and not read back yet."""
        return self._unread is not None

    def take(self, claims: Sequence[Claim]) -> int:
        """How many pushes were brought to an end, of this batch or of the one before."""
        batch = Batch(claims)
        row = batch.connection
        if row is None or not batch.connection_fact.is_live or not batch.concerned:
            if row is not None:
                connections.nothing_to_try(row)
            return self.finish() + record(batch.attempts, watch=batch.watch)
        try:
            client = gateways.to(row, is_patient=True)
            look = client.look(
                batch.records, quote_mn_ids=batch.quotes, written=self._unread_records
            )
        except SalesforceError as error:
            connections.note_trouble(row, error)
            batch.could_not_read(error, together=len(batch.concerned) + len(self._unread_records))
            return self._end(error) + record(batch.attempts, watch=batch.watch)
        connections.note_success(row)
        recorded = self._end(look)
        batch.was_read(look)
        written = _release_former_partners(client, batch.concerned)
        written += _send(row, client, batch.to_send())
        connections.note_writes(row, written)
        self._unread = batch if batch.unread else None
        return recorded + record(batch.finished(), watch=batch.watch)

    def finish(self) -> int:
        """How many pushes were brought to an end by reading back what the last batch wrote."""
        if self._unread is None:
            return 0
        row = self._unread.connection
        assert row is not None, "something was written"
        try:
            client = gateways.to(row, is_patient=True)
            look = client.look((), quote_mn_ids=(), written=self._unread_records)
        except SalesforceError as error:
            connections.note_trouble(row, error)
            return self._end(error)
        connections.note_success(row)
        return self._end(look)

    @property
    def _unread_records(self) -> set[str]:
        return {a.salesforce_id for a in self._unread.unread} if self._unread else set()

    def _end(self, look: Look | SalesforceError) -> int:
        """Records the batch before, with what reading back showed."""
        batch, self._unread = self._unread, None
        if batch is None:
            return 0
        unread = batch.unread
        for attempt in unread:
            if isinstance(look, SalesforceError):
                attempt.could_not_read_back(look)
            else:
                attempt.was_read_back(look.kept.get(attempt.salesforce_id))
        return record(unread, watch=batch.watch)


def _release_former_partners(client: Gateway, attempts: Sequence[Attempt]) -> list[WriteResult]:
    """The old record loses our products and is emptied before the new one is filled, so that no
    moment shows two."""
    still_linked = {
        clearing.salesforce_id: attempt
        for attempt in attempts
        if (clearing := attempt.facts.clearing) is not None
        and clearing.salesforce_id != attempt.salesforce_id
        and clearing.remote is not None
        and clearing.remote.mn_id == attempt.subject.mn_id
    }
    if not still_linked:
        return []
    refused = {
        salesforce_id: WriteResult(salesforce_id, error=error, sent={}, answer={})
        for salesforce_id, error in withdraw(client, still_linked.keys()).items()
    }
    empty = {MN_ID_FIELD: None, PRIMARY_QUOTE_FIELD: None}
    emptied = client.update_opportunities(
        {each: empty for each in still_linked if each not in refused}
    )
    for salesforce_id, result in {**refused, **emptied}.items():
        attempt = still_linked[salesforce_id]
        attempt.former_partner_was_answered(result, together=len(emptied) or 1)
    return [*refused.values(), *emptied.values()]


def _send(
    row: SalesforceConnection, client: Gateway, attempts: Mapping[str, Attempt]
) -> list[WriteResult]:
    """One update for all. A value that Salesforce took and did not keep is no success, so what
    was accepted is read again, in the same call if there is room."""
    if not attempts:
        return []
    faultpoint("before_http", *attempts)  # also named as a record that brings workers down
    watch = Stopwatch()
    results, found = client.update_and_read_opportunities(
        {salesforce_id: attempt.wished for salesforce_id, attempt in attempts.items()}
    )
    connections.note_pace(row, records=len(attempts), seconds=watch.ms / 1000)
    faultpoint("after_http")
    for salesforce_id, attempt in attempts.items():
        attempt.was_answered(results[salesforce_id], together=len(attempts))
        if found is not None and attempt.is_unread:
            attempt.was_read_back(found.get(salesforce_id))
    return list(results.values())
