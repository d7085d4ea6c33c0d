"""Many opportunities at once, as far as a push and its log entry need them.

Read as columns and not as model instances: a thousand of those, with their quotes and accounts,
take longer than all of Salesforce's answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from console.models import Opportunity
from syncrules.facts import LocalOpportunity, LocalQuote, OpportunityStatus, QuoteStatus


@dataclass(frozen=True, slots=True)
class Subject:
    """An opportunity. `primary` as the console itself sees it, which may read every quote."""

    pk: int
    account_name: str
    fact: LocalOpportunity
    primary: LocalQuote | None
    primary_quote_id: int | None

    @property
    def mn_id(self) -> str:
        return self.fact.mn_id

    @property
    def name(self) -> str:
        return self.fact.name


_COLUMNS = (
    "pk",
    "mn_id",
    "name",
    "status",
    "creation_reference",
    "account__mn_id",
    "account__name",
    "primary_quote_id",
    "primary_quote__mn_id",
    "primary_quote__status",
    "primary_quote__account__mn_id",
    "primary_quote__opportunity__mn_id",
)


def subjects(opportunity_ids: Iterable[int]) -> dict[int, Subject]:
    """By our id, one query; those that do not exist are missing."""
    rows = Opportunity.objects.filter(pk__any_of=set(opportunity_ids)).values_list(*_COLUMNS)
    return {row[0]: _subject(row) for row in rows}


def _subject(row: tuple[Any, ...]) -> Subject:
    pk, mn_id, name, status, reference, account_mn_id, account_name, quote_id, *quote = row
    primary = _quote(*quote) if quote_id is not None else None
    fact = LocalOpportunity(
        mn_id=mn_id,
        name=name,
        status=OpportunityStatus(status),
        account_mn_id=account_mn_id,
        primary_quote_mn_id=primary.mn_id if primary else None,
        creation_reference=reference,
    )
    return Subject(pk, account_name, fact, primary, quote_id)


def _quote(mn_id: str, status: str, account_mn_id: str, opportunity_mn_id: str) -> LocalQuote:
    return LocalQuote(
        mn_id=mn_id,
        status=QuoteStatus(status),
        opportunity_mn_id=opportunity_mn_id,
        account_mn_id=account_mn_id,
        is_readable=True,
    )
