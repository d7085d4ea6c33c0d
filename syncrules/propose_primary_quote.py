"""Which quote of an opportunity would be a sensible primary one? A proposal for a person to accept.

It changes nothing by itself, and flow C decides anew when somebody accepts it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from syncrules.decisions import Decision
from syncrules.facts import LocalQuote, QuoteStatus
from syncrules.reasons import Reason

ORDER: Final = (
    QuoteStatus.SENT,
    QuoteStatus.APPROVED,
    QuoteStatus.REVIEW,
    QuoteStatus.DRAFT,
)
"""Best first: the nearer to a signature, the better; then the most recently updated one.

MonetizeNow publishes that it goes by status and by the most recent update, and no more of its
precedence. A finalized quote locks the choice and a dead one cannot be chosen, so neither is here.
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A quote of the opportunity, and what flow C says of making it the primary one."""

    quote: LocalQuote
    updated_at: datetime
    decision: Decision


@dataclass(frozen=True, slots=True)
class Proposal:
    """The quote to make primary, and why this one."""

    quote_mn_id: str
    because: str


def propose(candidates: Collection[Candidate], *, present: str | None) -> Proposal | None:
    """The best quote that may become the primary one; None where the present one is as good, or
    may not be replaced, or may not be read and so cannot be compared."""
    by_id = {each.quote.mn_id: each for each in candidates}
    if present in by_id and not by_id[present].quote.is_readable:
        return None
    ranked = sorted(filter(_is_eligible, candidates), key=_rank)
    if not ranked or ranked[0].quote.mn_id == present:
        return None
    return Proposal(ranked[0].quote.mn_id, _because(ranked))


def _is_eligible(candidate: Candidate) -> bool:
    """Whether it may be primary; the present one is, so that it is compared with the others."""
    allowed = candidate.decision.reason in (Reason.PRIMARY_QUOTE_SET, Reason.ALREADY_PRIMARY)
    return allowed and candidate.quote.status in ORDER


def _rank(candidate: Candidate) -> tuple[int, float, str]:
    """The id last, so that the same quotes always give the same proposal."""
    quote = candidate.quote
    return ORDER.index(quote.status), -candidate.updated_at.timestamp(), quote.mn_id


def _because(ranked: list[Candidate]) -> str:
    status = ranked[0].quote.status
    peers = sum(each.quote.status is status for each in ranked)
    if len(ranked) == 1:
        return "It is the only quote that can be primary."
    if peers == 1:
        return f"Of the quotes that can be primary it alone has got as far as {status}."
    return f"Of the {peers} quotes with status {status} it was updated last."
