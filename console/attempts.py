"""One attempt to push an opportunity: from the claim to the row that remembers it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from django.db import transaction

from console import endings, outbox, product_settings, sync_log
from console.actor import Actor
from console.facts import pairings_of_records
from console.locks import lock_opportunities, lock_records
from console.models import Association, Opportunity, Relink
from console.relinks import reopen_if_given_up, settle_relink
from console.salesforce.gateway import SalesforceError, WriteResult
from syncrules import push_outbound as rule
from syncrules import retry
from syncrules.decisions import Decision, Effect
from syncrules.facts import (
    MN_ID_FIELD,
    PRIMARY_QUOTE_FIELD,
    Pairing,
    PushFacts,
    RemoteOpportunity,
    TroubleFact,
    WriteFact,
)
from syncrules.reasons import Outcome


@dataclass(slots=True)
class Attempt:
    """What is known of one claimed push so far; each beat of the flow adds to it."""

    claim: outbox.Claim
    row: Opportunity
    facts: PushFacts
    relink: Relink | None = None
    afterwards: retry.Afterwards | None = None
    result: WriteResult | None = None

    @property
    def decision(self) -> Decision:
        return rule.decide(self.facts)

    @property
    def located(self) -> rule.Located:
        return rule.locate(self.facts.opportunity, self.facts.pairing)

    @property
    def salesforce_id(self) -> str:
        """The record to write to; empty when none is known."""
        return self.located.salesforce_id or ""

    @property
    def wished(self) -> dict[str, str]:
        return rule.wished(self.facts, self.decision)

    def could_not_read(self, error: SalesforceError) -> None:
        """Salesforce did not tell what it has; nothing was sent."""
        self.facts = replace(self.facts, trouble=self._trouble(error))

    def former_partner_was_seen(self, remote: RemoteOpportunity | None) -> None:
        assert self.facts.clearing is not None
        clearing = replace(self.facts.clearing, remote=remote)
        self.facts = replace(self.facts, clearing=clearing)

    def former_partner_was_answered(self, result: WriteResult) -> None:
        """Salesforce emptied the former partner's link fields, or refused."""
        assert self.facts.clearing is not None
        refusal = self._trouble(result.error) if result.error else None
        clearing = replace(self.facts.clearing, refusal=refusal)
        self.facts = replace(self.facts, clearing=clearing)

    def was_answered(self, result: WriteResult) -> None:
        """Salesforce accepted the write, or refused it."""
        self.result = result
        refusal = self._trouble(result.error) if result.error else None
        self.facts = replace(self.facts, write=WriteFact(sent=self.wished, refusal=refusal))

    def was_read_back(self, remote: RemoteOpportunity | None) -> None:
        """What the record holds after the write."""
        assert self.facts.write is not None
        found = {
            MN_ID_FIELD: remote.mn_id if remote else None,
            PRIMARY_QUOTE_FIELD: remote.primary_quote_salesforce_id if remote else None,
        }
        self.facts = replace(self.facts, write=replace(self.facts.write, found=found))

    def could_not_read_back(self, error: SalesforceError) -> None:
        """Accepted, but nobody knows whether it was kept: the next attempt looks again."""
        assert self.facts.write is not None
        write = replace(self.facts.write, refusal=self._trouble(error))
        self.facts = replace(self.facts, write=write)

    def notice_pairing(self, taken: Mapping[str, Pairing]) -> None:
        """Somebody else may have been given the record while Salesforce was asked."""
        if self.salesforce_id in taken:
            self.facts = replace(self.facts, pairing_of_record=taken[self.salesforce_id])

    def _trouble(self, error: SalesforceError) -> TroubleFact:
        self.afterwards = endings.after_trouble(error, self.claim)
        return endings.told(error, self.afterwards)

    def ending(self) -> outbox.Ending:
        """Where the push goes from here."""
        return endings.ending(self.decision, self.afterwards, detail=self._words())

    @property
    def lets_products_follow(self) -> bool:
        """Whether link and primary quote are in Salesforce, so that the quote's lines may go."""
        is_in_step = self.decision.outcome in (Outcome.DONE, Outcome.NOTHING_TO_DO)
        is_linked = bool(self.salesforce_id)
        return is_in_step and is_linked and self.facts.opportunity.primary_quote_mn_id is not None

    def _words(self) -> str:
        clearing, write = self.facts.clearing, self.facts.write
        trouble = self.facts.trouble or (clearing and clearing.refusal) or (write and write.refusal)
        return f"{trouble.code}: {trouble.words}" if trouble else ""


def record(attempts: Collection[Attempt], *, watch: sync_log.Stopwatch) -> int:
    """How many endings were recorded, in one transaction; those of lost claims are not."""
    with transaction.atomic():
        lock_records(_ids_to_store(attempts))
        lock_opportunities(attempt.row.pk for attempt in attempts)
        taken = pairings_of_records(_ids_to_store(attempts))
        for attempt in attempts:
            attempt.notice_pairing(taken)
        recorded = [attempt for attempt in attempts if _record_one(attempt, watch=watch)]
        _let_products_follow(recorded)
        return len(recorded)


def _let_products_follow(recorded: Collection[Attempt]) -> None:
    """In the transaction that ends the links, so that no crash in between loses the products."""
    links = [attempt.claim for attempt in recorded if attempt.lets_products_follow]
    if links and not product_settings.in_force().settings.is_disabled:
        outbox.request_products(links)


def _ids_to_store(attempts: Collection[Attempt]) -> list[str]:
    return [
        attempt.salesforce_id
        for attempt in attempts
        if attempt.decision.has(Effect.STORE_ASSOCIATION)
    ]


def _record_one(attempt: Attempt, *, watch: sync_log.Stopwatch) -> bool:
    if not outbox.finish(attempt.claim, attempt.ending()):
        return False
    decision, claim = attempt.decision, attempt.claim
    if decision.has(Effect.STORE_ASSOCIATION) and decision.outcome is not Outcome.DEFERRED:
        _store_association(attempt)
    if attempt.relink is not None:
        settle_relink(attempt.relink, decision, refusal=attempt.ending().detail)
        if decision.outcome is Outcome.FAILED and attempt.row.primary_quote_id is not None:
            # The pair stands as before; products that were withdrawn meanwhile come back.
            outbox.request_push(
                opportunity_id=attempt.row.pk,
                trigger=claim.trigger,
                actor=Actor(name=claim.actor_name),
                lane=outbox.Lane.PRODUCTS,
            )
    write = attempt.facts.write
    if write is not None:
        reopen_if_given_up(attempt.row.pk, written=attempt.salesforce_id)
    sync_log.keep(
        decision,
        attempt.facts,
        trigger=claim.trigger,
        actor=Actor(name=claim.actor_name),
        opportunity=attempt.row,
        salesforce_id=attempt.salesforce_id,
        quote_mn_id=attempt.facts.opportunity.primary_quote_mn_id,
        resolved_by=attempt.located.resolved_by,
        push_id=claim.push_id,
        attempt=claim.attempts + 1,
        request=dict(write.sent) if write else None,
        response=dict(attempt.result.answer) if attempt.result else None,
        detail=attempt.ending().detail,
        duration_ms=watch.ms,
    )
    return True


def _store_association(attempt: Attempt) -> None:
    """The creation reference has proved right: from now on the stored pair locates the record.

    A pair that another flow stored while Salesforce was asked stands; its own push follows.
    """
    if Association.objects.filter(opportunity=attempt.row, ended_at__isnull=True).exists():
        return
    Association.objects.create(
        opportunity=attempt.row,
        salesforce_id=attempt.salesforce_id,
        linked_by=attempt.decision.flow,
        actor_name=attempt.claim.actor_name,
    )
