"""Flow A: a Salesforce opportunity arrives and is linked through its primary quote."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from console import inbox, outbox, sync_log
from console.actor import Actor
from console.collisions import tried_again
from console.facts import (
    opportunity_fact,
    pairings_of_opportunities,
    pairings_of_records,
    quote_fact,
)
from console.locks import lock_opportunities, lock_records
from console.models import Association, Opportunity, Quote, SyncLog
from console.reading import Reading, read
from syncrules import link_via_primary_quote as rule
from syncrules import push_outbound as push_rule
from syncrules.decisions import Decision, Effect
from syncrules.facts import LinkFacts, Pairing, RemoteOpportunity
from syncrules.reasons import Reason

# How a push ends that found the MN id on the record, or wrote it: what these two stop at is the
# primary quote alone.
_LEAVES_THE_MN_ID: Final = (
    Reason.PUSHED,
    Reason.ALREADY_IN_STEP,
    Reason.QUOTE_NOT_IN_SALESFORCE,
    Reason.ENTITY_FINALIZED,
)


def preview(salesforce_id: str, *, actor: Actor) -> tuple[LinkFacts, Decision]:
    """What `run` would decide now; changes nothing."""
    facts, _ = _gather(
        salesforce_id, reading=read([salesforce_id], is_preview=True), actor=actor, lock=False
    )
    return facts, rule.decide(facts)


@tried_again
def run(
    salesforce_id: str,
    *,
    trigger: str,
    actor: Actor,
    reading: Reading | None = None,
    event_id: int | None = None,
) -> SyncLog:
    """The log entry of one attempt to link the record.

    `reading` is given by who has just read many records at once. With `event_id` the event is
    finished in the same transaction, so that neither is kept without the other.
    """
    watch = sync_log.Stopwatch()
    reading = reading or read([salesforce_id])
    with transaction.atomic():
        facts, opportunity = _gather(salesforce_id, reading=reading, actor=actor, lock=True)
        decision = rule.decide(facts)
        if opportunity is not None:
            _carry_out(decision, facts, opportunity, trigger=trigger, actor=actor)
        entry = sync_log.keep(
            decision,
            facts,
            trigger=trigger,
            actor=actor,
            opportunity=opportunity or _partner_of(facts.pairing_of_record),
            name=facts.remote.name if facts.remote else None,
            salesforce_id=salesforce_id,
            quote_mn_id=facts.remote.primary_quote_mn_id if facts.remote else None,
            duration_ms=watch.ms,
        )
        if event_id is not None:
            inbox.finish(event_id, entry)
    return entry


def _gather(
    salesforce_id: str, *, reading: Reading, actor: Actor, lock: bool
) -> tuple[LinkFacts, Opportunity | None]:
    """The facts, and the opportunity that the primary quote leads to, if it leads to one."""
    remote = reading.remotes.get(salesforce_id)
    if lock:
        lock_records([salesforce_id])
    quote = _quote_named_by(remote)
    if lock and quote is not None and quote.opportunity_id is not None:
        lock_opportunities([quote.opportunity_id])
        quote = _quote_named_by(remote)  # as it is now that it holds still
    opportunity = quote.opportunity if quote else None
    pairing = pairings_of_records([salesforce_id]).get(salesforce_id)
    of_opportunity = pairings_of_opportunities([opportunity.pk] if opportunity else [])
    facts = LinkFacts(
        connection=reading.connection,
        salesforce_id=salesforce_id,
        caller=actor.name,
        remote=remote,
        quote=quote_fact(quote, reader=actor) if quote else None,
        opportunity=opportunity_fact(opportunity) if opportunity else None,
        pairing_of_opportunity=of_opportunity.get(opportunity.pk) if opportunity else None,
        pairing_of_record=pairing,
        was_written_at=(
            _was_written_at(pairing, reading) if pairing and remote and not remote.mn_id else None
        ),
    )
    return facts, opportunity


def _partner_of(pairing: Pairing | None) -> Opportunity | None:
    """Whom the record belongs to, for the log, where its primary quote leads nowhere."""
    if pairing is None:
        return None
    rows = Opportunity.objects.select_related("account")
    return rows.filter(mn_id=pairing.opportunity_mn_id).first()


def _was_written_at(pairing: Pairing, reading: Reading) -> datetime | None:
    """When a push last left the pair's MN id on the record, as the sync log has it.

    Only what was written before the record was read: a push may have come in between, and its
    value cannot be missing from what was read earlier.
    """
    pushes = SyncLog.objects.filter(
        salesforce_id=pairing.salesforce_id,
        opportunity_mn_id=pairing.opportunity_mn_id,
        flow=push_rule.FLOW,
        reason__in=_LEAVES_THE_MN_ID,
        created_at__gte=pairing.linked_at,
        created_at__lt=reading.at,
    )
    return pushes.order_by("-id").values_list("created_at", flat=True).first()


def _quote_named_by(remote: RemoteOpportunity | None) -> Quote | None:
    if remote is None or remote.primary_quote_mn_id is None:
        return None
    related = ("account", "opportunity__account", "opportunity__primary_quote")
    rows = Quote.objects.select_related(*related).prefetch_related("readers")
    return rows.filter(mn_id=remote.primary_quote_mn_id).first()


def _carry_out(
    decision: Decision,
    facts: LinkFacts,
    opportunity: Opportunity,
    *,
    trigger: str,
    actor: Actor,
) -> None:
    if decision.has(Effect.STORE_ASSOCIATION):
        Association.objects.create(
            opportunity=opportunity,
            salesforce_id=facts.salesforce_id,
            linked_by=decision.flow,
            actor_name=actor.name,
            actor_id=actor.user_id,
        )
    if decision.has(Effect.REQUEST_PUSH):
        outbox.request_push(opportunity_id=opportunity.pk, trigger=trigger, actor=actor)
