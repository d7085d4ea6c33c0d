"""What a closed control tells of its lock: which rule and record, since when, what lifts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from console import connections
from console.actor import Actor
from console.admin import wording
from console.admin.base import page_of
from console.admin.parts import NONE, at, code, link
from console.admin.salesforce_links import record_link
from console.facts import may_read
from console.models import Opportunity, Quote
from syncrules.decisions import Decision
from syncrules.facts import (
    DEAD_QUOTE,
    FINALIZED_OPPORTUNITY,
    FINALIZED_QUOTE,
    Pairing,
    QuoteStatus,
    RemoteOpportunity,
)
from syncrules.reasons import Reason

_MN_DOES_NOT_SAY: Final = "MonetizeNow, which does not say who"
_REOPENED: Final = (
    "A tenant administrator of MonetizeNow reopens the quote, which is possible only where "
    "accepted quotes are not processed by themselves."
)


@dataclass(frozen=True, slots=True)
class Passport:
    """A lock in words. `lifted_where` is empty when it cannot be lifted."""

    sentence: str
    rule: str
    record: SafeString | str
    since: SafeString | str
    by: str
    lifted_by: str
    lifted_where: str = ""

    @property
    def can_be_lifted(self) -> str:
        return f"Yes, {self.lifted_where}" if self.lifted_where else "No"


def of_deal(opportunity: Opportunity, *, reader: Actor) -> Passport | None:
    """The lock of a finalized deal, as far as it is known without asking Salesforce."""
    if opportunity.status in FINALIZED_OPPORTUNITY:
        return _finalized_opportunity(opportunity)
    primary = opportunity.primary_quote
    if primary is not None and primary.status in FINALIZED_QUOTE:
        return _finalized_quote(primary, "its primary quote", reader=reader)
    return None


def of_quote(
    decision: Decision, opportunity: Opportunity, quote: Quote, *, reader: Actor
) -> Passport | None:
    """Why flow C refuses to make the quote primary; None where nothing is locked.

    `quote`: one that the reader may read.
    """
    match decision.reason:
        case Reason.NO_SALESFORCE_CONNECTION:
            return of_connection()
        case Reason.INVALID_QUOTE_COMBINATION:
            return _dead_quote(quote) if quote.status in DEAD_QUOTE else _foreign_quote(quote)
        case Reason.ENTITY_FINALIZED:
            of_the_deal = of_deal(opportunity, reader=reader)
            return of_the_deal or _finalized_quote(quote, "this quote", reader=reader)
        case _:
            return None


def of_connection() -> Passport:
    """Without a live connection nothing is linked, unlinked or made primary."""
    row = connections.in_force()
    fact = connections.fact(row)
    return Passport(
        sentence="There is no live Salesforce connection.",
        rule="Every flow needs a live connection to Salesforce.",
        record=row.name if row else "No connection is set up",
        since=at(row.state_since) if row else NONE,
        by=fact.detail or fact.state,
        lifted_by="An administrator sets up the connection or renews its credentials.",
        lifted_where="on the page of the Salesforce connection",
    )


def of_record(remote: RemoteOpportunity, *, base: str) -> Passport:
    """A Salesforce opportunity that is closed."""
    return Passport(
        sentence=f"{remote.name} is closed in Salesforce ({remote.stage_name or 'no stage'}).",
        rule="A pair is neither ended nor made where the Salesforce opportunity is closed.",
        record=record_link(remote.salesforce_id, base=base),
        since=format_html("not known; the record last changed {}", at(remote.modified_at))
        if remote.modified_at
        else NONE,
        by="somebody in Salesforce; the record's history there says who",
        lifted_by="The opportunity is given an open stage.",
        lifted_where="in Salesforce",
    )


def of_pair(pairing: Pairing, *, base: str) -> Passport:
    """One of the two is tied to somebody else."""
    return Passport(
        sentence="One of the two is already tied to another record.",
        rule="Each MN opportunity is paired with exactly one Salesforce opportunity.",
        record=format_html(
            "{} with {}",
            code(pairing.opportunity_mn_id),
            record_link(pairing.salesforce_id, base=base),
        ),
        since=at(pairing.linked_at),
        by=f"{wording.in_words(pairing.linked_by)}, {pairing.actor}",
        lifted_by="That pair is ended first.",
        lifted_where="with “Unlink or change partner” of its MN opportunity",
    )


def _finalized_opportunity(opportunity: Opportunity) -> Passport:
    return Passport(
        sentence=f"The opportunity is {opportunity.status}: the deal is finalized.",
        rule="A won, lost or canceled opportunity keeps its pair and its primary quote.",
        record=link(opportunity.name, page_of(opportunity)),
        since=at(opportunity.status_since),
        by=_MN_DOES_NOT_SAY,
        lifted_by="Nothing here. Should MonetizeNow report it as ACTIVE again, the lock is gone.",
    )


def _finalized_quote(quote: Quote, which: str, *, reader: Actor) -> Passport:
    rule = "An accepted or processed quote locks the choice of the primary quote and the pair."
    if not may_read(quote, reader):
        return Passport(
            sentence=f"Locked by {which}, which you may not read: it is finalized.",
            rule=rule,
            record="a quote that you may not read",
            since=NONE,
            by=NONE,
            lifted_by="Ask somebody who may read the quote.",
        )
    is_processed = quote.status == QuoteStatus.PROCESSED
    return Passport(
        sentence=f"Locked by {which}: {quote.mn_id} is {wording.in_words(quote.status).lower()}.",
        rule=rule,
        record=link(quote.mn_id, page_of(quote)),
        since=at(quote.status_since),
        by=_MN_DOES_NOT_SAY,
        lifted_by="Nothing: a processed quote stays processed." if is_processed else _REOPENED,
        lifted_where="" if is_processed else "in MonetizeNow",
    )


def _dead_quote(quote: Quote) -> Passport:
    status = wording.in_words(quote.status).lower()
    return Passport(
        sentence=f"The quote is {status}.",
        rule="A denied, canceled, expired or archived quote cannot be primary.",
        record=link(quote.mn_id, page_of(quote)),
        since=at(quote.status_since),
        by=_MN_DOES_NOT_SAY,
        lifted_by="Another quote is chosen, or a new one made in MonetizeNow.",
    )


def _foreign_quote(quote: Quote) -> Passport:
    return Passport(
        sentence="The quote belongs to another opportunity or account.",
        rule="A primary quote belongs to the opportunity and to its account.",
        record=link(quote.mn_id, page_of(quote)),
        since=NONE,
        by=_MN_DOES_NOT_SAY,
        lifted_by="The quote is moved to this opportunity.",
        lifted_where="in MonetizeNow",
    )
