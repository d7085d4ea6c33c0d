"""Rows of the database as facts of the rules: the only translator, and it goes one way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from console.actor import Actor
from console.models import Account, Association, Opportunity, Quote
from syncrules.account_facts import KnownAccount
from syncrules.facts import (
    LocalOpportunity,
    LocalQuote,
    OpportunityStatus,
    Pairing,
    QuoteStatus,
)


def opportunity_fact(row: Opportunity) -> LocalOpportunity:
    return LocalOpportunity(
        mn_id=row.mn_id,
        name=row.name,
        status=OpportunityStatus(row.status),
        account_mn_id=row.account.mn_id,
        primary_quote_mn_id=row.primary_quote.mn_id if row.primary_quote else None,
        creation_reference=row.creation_reference,
    )


def account_fact(row: Account) -> KnownAccount:
    return KnownAccount(
        mn_id=row.mn_id,
        name=row.name,
        salesforce_id=row.salesforce_id,
        website=row.website,
        currency=row.currency,
    )


def quote_fact(row: Quote, *, reader: Actor) -> LocalQuote:
    return LocalQuote(
        mn_id=row.mn_id,
        status=QuoteStatus(row.status),
        opportunity_mn_id=row.opportunity.mn_id if row.opportunity else None,
        account_mn_id=row.account.mn_id,
        is_readable=may_read(row, reader),
    )


def may_read(row: Quote, reader: Actor) -> bool:
    """Whether the quote is open to everybody, or to a group of the reader."""
    if reader.reads_everything:
        return True
    allowed = {group.pk for group in row.readers.all()}
    return not allowed or bool(allowed & reader.group_ids)


def pairing_fact(row: Association) -> Pairing:
    return Pairing(
        opportunity_mn_id=row.opportunity.mn_id,
        salesforce_id=row.salesforce_id,
        linked_at=row.linked_at,
        linked_by=row.linked_by,
        actor=row.actor_name,
    )


def pairings_of_records(salesforce_ids: Iterable[str]) -> dict[str, Pairing]:
    """Salesforce id -> the pair in force it is part of."""
    pairs = _in_force(salesforce_id__any_of=set(salesforce_ids))
    return {pairing.salesforce_id: pairing for _, pairing in pairs}


def pairings_of_opportunities(opportunity_ids: Iterable[int]) -> dict[int, Pairing]:
    """Our opportunity id -> the pair in force it is part of."""
    return dict(_in_force(opportunity_id__any_of=set(opportunity_ids)))


def _in_force(**condition: Any) -> Iterator[tuple[int, Pairing]]:
    """Read as columns: they are asked for by the thousand."""
    rows = Association.objects.filter(ended_at__isnull=True, **condition).values_list(
        "opportunity_id",
        "opportunity__mn_id",
        "salesforce_id",
        "linked_at",
        "linked_by",
        "actor_name",
    )
    for opportunity_id, mn_id, salesforce_id, linked_at, linked_by, actor in rows:
        yield opportunity_id, Pairing(mn_id, salesforce_id, linked_at, linked_by, actor)
