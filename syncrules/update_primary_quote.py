"""Flow C: may this quote become the primary one of this opportunity?"""

from __future__ import annotations

from typing import Final

from syncrules import pairings
from syncrules.decisions import Check, Decision, Effect, Passed, Stop, climb, conclude
from syncrules.facts import (
    DEAD_QUOTE,
    FINALIZED_OPPORTUNITY,
    FINALIZED_QUOTE,
    LocalQuote,
    PrimaryQuoteFacts,
)
from syncrules.reasons import Reason

FLOW: Final = "update_primary_quote"


def decide(facts: PrimaryQuoteFacts) -> Decision:
    """Whether the primary quote changes, with the ladder that led there."""
    return conclude(
        FLOW,
        climb(CHECKS, facts),
        otherwise=Reason.PRIMARY_QUOTE_SET,
        effects=(Effect.SET_PRIMARY_QUOTE, Effect.REQUEST_PUSH),
    )


def _connection(facts: PrimaryQuoteFacts) -> Passed | Stop:
    return pairings.connection_is_live(facts.connection)


def _link(facts: PrimaryQuoteFacts) -> Passed | Stop:
    """Evidence only: without a link the change is stored, and the push that follows is skipped."""
    reference = facts.opportunity.creation_reference
    return Passed({**pairings.told(facts.pairing), "referenced at creation": reference})


def _quote_is_readable(facts: PrimaryQuoteFacts) -> Passed | Stop:
    if facts.quote is None:
        evidence = {"MN quote": facts.quote_mn_id, "found": "unknown here"}
        return Stop(Reason.QUOTE_INACCESSIBLE, evidence)
    if not facts.quote.is_readable:
        evidence = {"MN quote": facts.quote_mn_id, "found": f"not readable for {facts.caller}"}
        return Stop(Reason.QUOTE_INACCESSIBLE, evidence)
    return Passed({"MN quote": facts.quote.mn_id, "caller": facts.caller})


def _quote_is_another(facts: PrimaryQuoteFacts) -> Passed | Stop:
    present = facts.opportunity.primary_quote_mn_id
    evidence = {"present primary quote": _unless_hidden(facts, present)}
    if facts.opportunity.primary_quote_mn_id == facts.quote_mn_id:
        return Stop(Reason.ALREADY_PRIMARY, evidence)
    return Passed(evidence)


def _quote_belongs_here(facts: PrimaryQuoteFacts) -> Passed | Stop:
    quote, opportunity = _quote(facts), facts.opportunity
    evidence = {
        "the quote's opportunity": quote.opportunity_mn_id,
        "this opportunity": opportunity.mn_id,
        "the quote's account": quote.account_mn_id,
        "this opportunity's account": opportunity.account_mn_id,
    }
    is_of_opportunity = quote.opportunity_mn_id == opportunity.mn_id
    if not is_of_opportunity or quote.account_mn_id != opportunity.account_mn_id:
        return Stop(Reason.INVALID_QUOTE_COMBINATION, evidence)
    return Passed(evidence)


def _quote_is_alive(facts: PrimaryQuoteFacts) -> Passed | Stop:
    evidence = {"the quote's status": _quote(facts).status}
    if _quote(facts).status in DEAD_QUOTE:
        return Stop(Reason.INVALID_QUOTE_COMBINATION, evidence)
    return Passed(evidence)


def _nothing_is_finalized(facts: PrimaryQuoteFacts) -> Passed | Stop:
    present = facts.present
    evidence: dict[str, str | None] = {
        "the opportunity": facts.opportunity.status,
        "the proposed quote": _quote(facts).status,
        "the present primary quote": _unless_hidden(facts, present.status if present else None),
    }
    is_locked = (
        facts.opportunity.status in FINALIZED_OPPORTUNITY
        or _quote(facts).status in FINALIZED_QUOTE
        or (present is not None and present.status in FINALIZED_QUOTE)
    )
    return Stop(Reason.ENTITY_FINALIZED, evidence) if is_locked else Passed(evidence)


def _unless_hidden(facts: PrimaryQuoteFacts, value: str | None) -> str | None:
    """Of a present primary quote that the caller may not read, not even its id is told."""
    if facts.present is not None and not facts.present.is_readable:
        return f"not readable for {facts.caller}"
    return value


def _quote(facts: PrimaryQuoteFacts) -> LocalQuote:
    assert facts.quote is not None, "the ladder stops where the quote is unknown"
    return facts.quote


CHECKS: Final[tuple[Check[PrimaryQuoteFacts], ...]] = (
    Check("connection", "Is there a live Salesforce connection?", _connection),
    Check("link", "Is the opportunity linked to a Salesforce opportunity?", _link),
    Check(
        "quote_is_readable",
        "Is the quote known, and may the caller read it?",
        _quote_is_readable,
    ),
    Check("quote_is_another", "Is it another quote than the present one?", _quote_is_another),
    Check(
        "quote_belongs_here",
        "Does the quote belong to this opportunity and its account?",
        _quote_belongs_here,
    ),
    Check("quote_is_alive", "Is the quote still alive?", _quote_is_alive),
    Check(
        "nothing_is_finalized",
        "Is neither the opportunity nor a quote finalized?",
        _nothing_is_finalized,
    ),
)
