"""Flow C: somebody or something sets the primary quote of an opportunity."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models.functions import Now

from console import connections, outbox, sync_log
from console.actor import Actor
from console.collisions import tried_again
from console.facts import opportunity_fact, pairings_of_opportunities, quote_fact
from console.locks import lock_opportunities
from console.models import Opportunity, Quote, SyncLog
from syncrules import update_primary_quote as rule
from syncrules.decisions import Decision, Effect
from syncrules.facts import PrimaryQuoteFacts


@dataclass(frozen=True, slots=True)
class _Gathered:
    facts: PrimaryQuoteFacts
    opportunity: Opportunity
    quote: Quote | None


def preview(
    opportunity_id: int, *, quote_mn_id: str, actor: Actor
) -> tuple[PrimaryQuoteFacts, Decision]:
    """What `run` would decide now; changes nothing."""
    gathered = _gather(opportunity_id, quote_mn_id=quote_mn_id, actor=actor)
    return gathered.facts, rule.decide(gathered.facts)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A quote of the opportunity, and what `run` would decide of it."""

    quote: Quote
    facts: PrimaryQuoteFacts
    decision: Decision


def preview_each(opportunity_id: int, *, actor: Actor, limit: int) -> list[Foreseen]:
    """What `run` would decide of each of the newest quotes and of the present primary one; few
    queries for any number of them. Changes nothing."""
    common = _gather(opportunity_id, quote_mn_id="", actor=actor)
    related = Quote.objects.select_related("account", "opportunity").prefetch_related("readers")
    rows = list(related.filter(opportunity_id=opportunity_id).order_by("-pk")[:limit])
    present = common.opportunity.primary_quote
    if present is not None and present not in rows:
        rows.append(present)
    return [_foresee(row, common.facts, actor=actor) for row in rows]


def _foresee(quote: Quote, common: PrimaryQuoteFacts, *, actor: Actor) -> Foreseen:
    fact = quote_fact(quote, reader=actor)
    facts = replace(common, quote_mn_id=quote.mn_id, quote=fact)
    return Foreseen(quote, facts, rule.decide(facts))


@tried_again
def run(opportunity_id: int, *, quote_mn_id: str, how: str, trigger: str, actor: Actor) -> SyncLog:
    """The log entry of one attempt to make the quote the primary one.

    `how` is kept beside the change: chosen by hand, accepted proposal, told by MonetizeNow.
    A deal that was finalized since the page was shown is refused here, under the lock.
    """
    watch = sync_log.Stopwatch()
    with transaction.atomic():
        lock_opportunities([opportunity_id])
        gathered = _gather(opportunity_id, quote_mn_id=quote_mn_id, actor=actor, lock=True)
        decision = rule.decide(gathered.facts)
        if decision.has(Effect.SET_PRIMARY_QUOTE):
            _set(gathered, how=how, actor=actor)
        if decision.has(Effect.REQUEST_PUSH):
            outbox.request_push(opportunity_id=opportunity_id, trigger=rule.FLOW, actor=actor)
        pairing = gathered.facts.pairing
        return sync_log.keep(
            decision,
            gathered.facts,
            trigger=trigger,
            actor=actor,
            opportunity=gathered.opportunity,
            salesforce_id=pairing.salesforce_id if pairing else None,
            quote_mn_id=quote_mn_id,
            duration_ms=watch.ms,
        )


def _gather(
    opportunity_id: int, *, quote_mn_id: str, actor: Actor, lock: bool = False
) -> _Gathered:
    """The facts as they are; with `lock` both quotes hold still as well as the opportunity."""
    related = ("account", "primary_quote__account", "primary_quote__opportunity")
    opportunity = Opportunity.objects.select_related(*related).get(pk=opportunity_id)
    present = opportunity.primary_quote
    if lock:
        _lock_quotes(quote_mn_id, present)
        opportunity.refresh_from_db(from_queryset=Opportunity.objects.select_related(*related))
        present = opportunity.primary_quote
    quotes = Quote.objects.select_related("account", "opportunity").prefetch_related("readers")
    quote = quotes.filter(mn_id=quote_mn_id).first()
    facts = PrimaryQuoteFacts(
        connection=connections.fact(connections.in_force()),
        opportunity=opportunity_fact(opportunity),
        quote_mn_id=quote_mn_id,
        caller=actor.name,
        quote=quote_fact(quote, reader=actor) if quote else None,
        present=quote_fact(present, reader=actor) if present else None,
        pairing=pairings_of_opportunities([opportunity_id]).get(opportunity_id),
    )
    return _Gathered(facts, opportunity, quote)


def _lock_quotes(quote_mn_id: str, present: Quote | None) -> None:
    """A quote that is accepted while we decide waits until we are through, and we for it."""
    names = {quote_mn_id} | ({present.mn_id} if present else set())
    rows = Quote.objects.select_for_update(of=("self",)).filter(mn_id__in=names)
    list(rows.order_by("pk").values_list("pk"))


def _set(gathered: _Gathered, *, how: str, actor: Actor) -> None:
    Opportunity.objects.filter(pk=gathered.opportunity.pk).update(
        primary_quote=gathered.quote,
        primary_set_at=Now(),
        primary_set_how=how,
        primary_set_by_id=actor.user_id,
        updated_at=Now(),
    )
