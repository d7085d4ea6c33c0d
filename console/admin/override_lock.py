"""Why the overrides of a quote cannot be changed any more, in words."""

from __future__ import annotations

from typing import Final

from console.admin import wording
from console.admin.base import page_of
from console.admin.lock_passport import Passport
from console.admin.parts import at, link
from console.models import Quote
from syncrules.facts import FINALIZED_OPPORTUNITY, FINALIZED_QUOTE

_RULE: Final = "A finalized quote keeps its overrides: what was sold is what Salesforce shows."
_BY: Final = "MonetizeNow, which does not say who"


def passport(quote: Quote) -> Passport | None:
    """The lock, None where overrides may be changed."""
    if quote.status in FINALIZED_QUOTE:
        return Passport(
            sentence=f"The quote is {wording.in_words(quote.status).lower()}: its overrides are "
            "locked.",
            rule=_RULE,
            record=link(quote.mn_id, page_of(quote)),
            since=at(quote.status_since),
            by=_BY,
            lifted_by="Nothing here: the lock cannot be lifted.",
        )
    opportunity = quote.opportunity
    if opportunity is None or opportunity.status not in FINALIZED_OPPORTUNITY:
        return None
    return Passport(
        sentence=f"The opportunity is {wording.in_words(opportunity.status).lower()}: the "
        "overrides of its quotes are locked.",
        rule="A won, lost or canceled opportunity keeps its products as they are.",
        record=link(opportunity.name, page_of(opportunity)),
        since=at(opportunity.status_since),
        by=_BY,
        lifted_by="Nothing here: the lock cannot be lifted.",
    )
