"""How the pushes of links are recorded, with what follows from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction

from console import outbox, product_settings, recording
from console.attempts import Attempt
from console.durability import durably
from console.facts import pairings_of_records
from console.locks import lock_opportunities, lock_records
from console.models import Association
from console.relinks import reopen_given_up, settle_relink
from console.sync_log import Stopwatch
from syncrules.decisions import Effect
from syncrules.reasons import Outcome

Lane = outbox.Lane


def record(attempts: Sequence[Attempt], *, watch: Stopwatch) -> int:
    """How many endings were recorded, in one transaction; those of lost claims are not."""
    if not attempts:
        return 0
    recorded = durably(lambda: _record(attempts, watch=watch))
    return recording.note(recorded, watch=watch)


def _record(attempts: Sequence[Attempt], *, watch: Stopwatch) -> list[Attempt]:
    with transaction.atomic():
        to_store = [attempt.salesforce_id for attempt in attempts if _stores_pair(attempt)]
        lock_records(to_store)
        lock_opportunities(attempt.subject.pk for attempt in attempts)
        taken = pairings_of_records(to_store) if to_store else {}
        for attempt in attempts:
            attempt.notice_pairing(taken)
        recorded = recording.end(attempts, lane=Lane.LINK)
        _store_pairs([attempt for attempt in recorded if _stores_pair(attempt)])
        for attempt in recorded:
            _settle(attempt)
        reopen_given_up({a.subject.pk: a.salesforce_id for a in recorded if a.has_sent})
        recording.log(recorded, watch=watch)
        _let_products_follow(recorded)
        return recorded


def _stores_pair(attempt: Attempt) -> bool:
    decision = attempt.decision
    return decision.has(Effect.STORE_ASSOCIATION) and decision.outcome is not Outcome.DEFERRED


def _store_pairs(attempts: Collection[Attempt]) -> None:
    """Creation references have proved right: from now on the stored pairs locate the records.

    A pair that another flow stored while Salesforce was asked stands; its own push follows.
    """
    ids = [attempt.subject.pk for attempt in attempts]
    paired = Association.objects.filter(opportunity_id__any_of=ids, ended_at__isnull=True)
    already = set(paired.values_list("opportunity_id", flat=True)) if ids else set()
    Association.objects.bulk_create(
        Association(
            opportunity_id=attempt.subject.pk,
            salesforce_id=attempt.salesforce_id,
            linked_by=attempt.decision.flow,
            actor_name=attempt.claim.actor_name,
        )
        for attempt in attempts
        if attempt.subject.pk not in already
    )


def _settle(attempt: Attempt) -> None:
    """Where the push belongs to a change of partner, that one goes on, or is taken back."""
    if attempt.relink is None:
        return
    settle_relink(attempt.relink, attempt.decision, refusal=attempt.ending().detail)
    is_refused = attempt.decision.outcome is Outcome.FAILED
    if is_refused and attempt.subject.primary_quote_id is not None:
        # The pair stands as before; products that were withdrawn meanwhile come back.
        outbox.request_products([attempt.claim])


def _let_products_follow(recorded: Collection[Attempt]) -> None:
    """In the transaction that ends the links, so that no crash in between loses the products."""
    links = [attempt.claim for attempt in recorded if attempt.lets_products_follow]
    if links and not product_settings.in_force().settings.is_disabled:
        outbox.request_products(links)
