"""Flow B: a quote is started from a Salesforce opportunity; what it needs in MN is created."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from console import inbox, mapped_fields, outbox, sync_log, waiting
from console.actor import Actor
from console.collisions import tried_again
from console.facts import opportunity_fact, pairings_of_records
from console.locks import lock_opportunities, lock_records
from console.mapped_fields import Mapped
from console.models import Account, Association, Opportunity, Quote, SyncLog
from console.reading import Reading, read
from syncrules import create_from_quote_initiation as rule
from syncrules.decisions import Decision, Effect
from syncrules.facts import InitiationFacts, LocalAccount, RemoteOpportunity
from syncrules.json_form import to_json


def preview(salesforce_id: str) -> tuple[InitiationFacts, Decision]:
    """What `run` would decide now; changes nothing."""
    facts = _gather(salesforce_id, reading=read([salesforce_id], is_preview=True), lock=False).facts
    return facts, rule.decide(facts)


@tried_again
def run(
    salesforce_id: str,
    *,
    trigger: str,
    actor: Actor,
    reading: Reading | None = None,
    event_id: int | None = None,
    waiting_id: int | None = None,
) -> SyncLog:
    """The log entry of one attempt to start a quote from the record.

    `reading` is given by who has just read many records at once. With `event_id` the event is
    finished in the same transaction. An event, or a released attempt, that somebody else has
    brought to its end already gives the entry of then, and no second quote.

    Errors: SalesforceError when Salesforce cannot be read just now; nothing is written then.
    """
    watch = sync_log.Stopwatch()
    reading = reading or read([salesforce_id])
    is_there = salesforce_id in reading.remotes
    mapped = mapped_fields.of_record(salesforce_id) if is_there else mapped_fields.NOTHING
    with transaction.atomic():
        lock_records([salesforce_id])
        if earlier := _entry_of_who_was_quicker(event_id, waiting_id=waiting_id):
            return earlier
        gathered = _gather(salesforce_id, reading=reading, lock=True)
        decision = rule.decide(gathered.facts)
        made = _carry_out(decision, gathered, mapped, actor=actor)
        entry = sync_log.keep(
            decision,
            gathered.facts,
            trigger=trigger,
            actor=actor,
            opportunity=made.opportunity,
            name=gathered.facts.remote.name if gathered.facts.remote else None,
            salesforce_id=salesforce_id,
            quote_mn_id=made.quote.mn_id if made.quote else None,
            duration_ms=watch.ms,
            response=mapped.values if made.quote else None,
            detail=_told(made, gathered, mapped) if made.quote else "",
        )
        if event_id is not None:
            inbox.finish(event_id, entry)
    return entry


def _entry_of_who_was_quicker(event_id: int | None, *, waiting_id: int | None) -> SyncLog | None:
    """A slow attempt loses its claim upon an event; two sweeps may take up one released attempt."""
    if event_id is not None:
        return inbox.entry_under_lock(event_id)
    return waiting.entry_under_lock(waiting_id) if waiting_id is not None else None


@dataclass(frozen=True, slots=True)
class _Gathered:
    """The facts and the rows behind them."""

    facts: InitiationFacts
    account: Account | None
    opportunity: Opportunity | None


@dataclass(frozen=True, slots=True)
class _Made:
    """The opportunity concerned, new or not, and the new quote."""

    opportunity: Opportunity | None
    quote: Quote | None = None


def _gather(salesforce_id: str, *, reading: Reading, lock: bool) -> _Gathered:
    """The facts; with `lock`, which the record's lock precedes, the opportunities hold still."""
    remote = reading.remotes.get(salesforce_id)
    if lock:
        lock_opportunities(_concerned(salesforce_id).values_list("pk", flat=True))
    opportunities = list(_concerned(salesforce_id).select_related("account", "primary_quote"))
    pairing = pairings_of_records([salesforce_id]).get(salesforce_id)
    account = _account_of(remote)
    referenced_by = () if pairing else tuple(opportunity_fact(each) for each in opportunities)
    opportunity = _claimed_by(remote) if pairing is None else None
    if opportunity is None and len(opportunities) == 1:
        [opportunity] = opportunities
    facts = InitiationFacts(
        connection=reading.connection,
        salesforce_id=salesforce_id,
        remote=remote,
        account=_account_fact(account),
        pairing_of_record=pairing,
        opportunity=opportunity_fact(opportunity) if opportunity else None,
        referenced_by=referenced_by,
    )
    return _Gathered(facts, account, opportunity)


def _concerned(salesforce_id: str) -> QuerySet[Opportunity]:
    """The opportunity of the record's pair. Without a pair: those that were created for the record
    and have none either, since a stored pair says more than a reference."""
    in_force = Association.objects.filter(ended_at__isnull=True)
    of_record = in_force.filter(salesforce_id=salesforce_id)
    if of_record.exists():
        return Opportunity.objects.filter(pk__in=of_record.values("opportunity_id"))
    is_paired = Exists(in_force.filter(opportunity_id=OuterRef("pk")))
    rows = Opportunity.objects.filter(~is_paired, creation_reference=salesforce_id)
    return rows.order_by("pk")


def _account_of(remote: RemoteOpportunity | None) -> Account | None:
    if remote is None or remote.account_salesforce_id is None:
        return None
    return Account.objects.filter(salesforce_id=remote.account_salesforce_id).first()


def _account_fact(row: Account | None) -> LocalAccount | None:
    if row is None or row.salesforce_id is None:
        return None
    return LocalAccount(mn_id=row.mn_id, name=row.name, salesforce_id=row.salesforce_id)


def _claimed_by(remote: RemoteOpportunity | None) -> Opportunity | None:
    """The opportunity whose id the record carries, though no pair is stored."""
    if remote is None or remote.mn_id is None:
        return None
    rows = Opportunity.objects.select_related("account", "primary_quote")
    return rows.filter(mn_id=remote.mn_id).first()


def _carry_out(decision: Decision, gathered: _Gathered, mapped: Mapped, *, actor: Actor) -> _Made:
    """Everything that the decision asks for, and nothing else."""
    opportunity = gathered.opportunity
    if decision.has(Effect.CREATE_OPPORTUNITY):
        opportunity = _create_opportunity(gathered)
    if not decision.has(Effect.CREATE_QUOTE) or opportunity is None:
        return _Made(opportunity)
    if decision.has(Effect.STORE_ASSOCIATION):
        Association.objects.create(
            opportunity=opportunity,
            salesforce_id=gathered.facts.salesforce_id,
            linked_by=decision.flow,
            actor_name=actor.name,
            actor_id=actor.user_id,
        )
    quote = _create_quote(opportunity, mapped)
    if decision.has(Effect.REQUEST_PUSH):
        outbox.request_push(opportunity_id=opportunity.pk, trigger=rule.FLOW, actor=actor)
    return _Made(opportunity, quote)


def _create_opportunity(gathered: _Gathered) -> Opportunity:
    remote, account = gathered.facts.remote, gathered.account
    assert remote is not None, "the ladder stops where the record does not exist"
    assert account is not None, "the ladder stops where the account is not matched"
    return Opportunity.objects.create(
        mn_id=_new_id("opp"),
        name=remote.name,
        account=account,
        currency=remote.currency or account.currency,
        creation_reference=remote.salesforce_id,
        status_since=Now(),
        mn_updated_at=Now(),
    )


def _create_quote(opportunity: Opportunity, mapped: Mapped) -> Quote:
    """Under the opportunity's own account: a quote of another could never become primary."""
    filled = mapped.filled
    columns = {"currency": opportunity.currency, **filled.fields}
    return Quote.objects.create(
        mn_id=_new_id("quote"),
        opportunity=opportunity,
        account=opportunity.account,
        status_since=Now(),
        mn_updated_at=Now(),
        custom_values=dict(filled.custom),
        mapping_problems=[to_json(problem) for problem in filled.problems],
        **columns,
    )


def _new_id(prefix: str) -> str:
    """An id that MonetizeNow will know the row by; nobody can guess or meet it."""
    return f"{prefix}_{secrets.token_hex(12)}"


def _told(made: _Made, gathered: _Gathered, mapped: Mapped) -> str:
    """What a reader of the log should know beyond the ladder, a line each."""
    filled, account = mapped.filled, gathered.account
    lines = [problem.sentence for problem in filled.problems]
    names = [*filled.fields, *(f"custom:{name}" for name in filled.custom)]
    if names:
        lines.append(f"Filled by field mappings: {', '.join(names)}.")
    owner = made.opportunity.account if made.opportunity else None
    if account and owner and account != owner:
        lines.append(
            f"The Salesforce account is {account} ({account.mn_id}) by now; the quote was created "
            f"under the account of its opportunity, {owner} ({owner.mn_id})."
        )
    return "\n".join(lines)
