"""A person pairs an MN opportunity with a Salesforce opportunity."""

from __future__ import annotations

from django.db import transaction

from console import outbox, sync_log
from console.actor import Actor
from console.collisions import tried_again
from console.facts import opportunity_fact, pairings_of_opportunities, pairings_of_records
from console.locks import lock_opportunities, lock_records
from console.models import Association, Opportunity, SyncLog
from console.reading import Reading, read
from syncrules import link_by_hand as rule
from syncrules.decisions import Decision, Effect
from syncrules.facts import ManualLinkFacts


def preview(opportunity_id: int, *, salesforce_id: str) -> tuple[ManualLinkFacts, Decision]:
    """What `run` would decide now; changes nothing."""
    facts, _ = _gather(
        opportunity_id, salesforce_id=salesforce_id, reading=read([salesforce_id], is_preview=True)
    )
    return facts, rule.decide(facts)


@tried_again
def run(opportunity_id: int, *, salesforce_id: str, trigger: str, actor: Actor) -> SyncLog:
    """The log entry of one attempt to pair the two.

    Errors: SalesforceError when the record cannot be read; nothing is written then.
    """
    watch = sync_log.Stopwatch()
    reading = read([salesforce_id])
    with transaction.atomic():
        lock_records([salesforce_id])
        lock_opportunities([opportunity_id])
        facts, opportunity = _gather(opportunity_id, salesforce_id=salesforce_id, reading=reading)
        decision = rule.decide(facts)
        if decision.has(Effect.STORE_ASSOCIATION):
            Association.objects.create(
                opportunity=opportunity,
                salesforce_id=salesforce_id,
                linked_by=rule.FLOW,
                actor_name=actor.name,
                actor_id=actor.user_id,
            )
        if decision.has(Effect.REQUEST_PUSH):
            outbox.request_push(opportunity_id=opportunity_id, trigger=rule.FLOW, actor=actor)
        return sync_log.keep(
            decision,
            facts,
            trigger=trigger,
            actor=actor,
            opportunity=opportunity,
            salesforce_id=salesforce_id,
            duration_ms=watch.ms,
        )


def _gather(
    opportunity_id: int, *, salesforce_id: str, reading: Reading
) -> tuple[ManualLinkFacts, Opportunity]:
    related = ("account", "primary_quote")
    opportunity = Opportunity.objects.select_related(*related).get(pk=opportunity_id)
    facts = ManualLinkFacts(
        connection=reading.connection,
        salesforce_id=salesforce_id,
        opportunity=opportunity_fact(opportunity),
        remote=reading.remotes.get(salesforce_id),
        pairing_of_opportunity=pairings_of_opportunities([opportunity_id]).get(opportunity_id),
        pairing_of_record=pairings_of_records([salesforce_id]).get(salesforce_id),
    )
    return facts, opportunity
