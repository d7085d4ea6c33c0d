"""Rows of the database as facts of the rules: the only translator, and it goes one way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

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


def pairings_of_records(
    salesforce_ids: Iterable[str], *, known: Mapping[int, Pairing] | None = None
) -> dict[str, Pairing]:
    """Salesforce id -> the pair in force it is part of.

    `known`: pairs by their rows; of those only whether they are still in force is asked.
    """
    wanted = {"salesforce_id__any_of": set(salesforce_ids)}
    if not known:
        return {pairing.salesforce_id: pairing for _, _, pairing in _in_force(**wanted)}
    rows = set(_pairs_in_force(**wanted).values_list("pk", flat=True))
    found = {pairing.salesforce_id: pairing for row, pairing in known.items() if row in rows}
    if others := rows - known.keys():
        found |= {pairing.salesforce_id: pairing for _, _, pairing in _in_force(pk__any_of=others)}
    return found


def pairings_of_opportunities(opportunity_ids: Iterable[int]) -> dict[int, Pairing]:
    """Our opportunity id -> the pair in force it is part of."""
    return {pk: pairing for pk, (_, pairing) in stored_pairings(opportunity_ids).items()}


def stored_pairings(opportunity_ids: Iterable[int]) -> dict[int, tuple[int, Pairing]]:
    """The same, each with its row."""
    pairs = _in_force(opportunity_id__any_of=set(opportunity_ids))
    return {opportunity_id: (row, pairing) for row, opportunity_id, pairing in pairs}


def _pairs_in_force(**condition: Any) -> QuerySet[Association]:
    return Association.objects.filter(ended_at__isnull=True, **condition).order_by()


def _in_force(**condition: Any) -> Iterator[tuple[int, int, Pairing]]:
    """Read as columns: they are asked for by the thousand."""
    rows = _pairs_in_force(**condition).values_list(
        "pk",
        "opportunity_id",
        "opportunity__mn_id",
        "salesforce_id",
        "linked_at",
        "linked_by",
        "actor_name",
    )
    for row, opportunity_id, mn_id, salesforce_id, linked_at, linked_by, actor in rows:
        yield row, opportunity_id, Pairing(mn_id, salesforce_id, linked_at, linked_by, actor)
