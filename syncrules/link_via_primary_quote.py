"""Flow A: which MN opportunity does a Salesforce opportunity belong to, by its primary quote?"""

from __future__ import annotations

from typing import Final

from syncrules import pairings
from syncrules.decisions import Check, Decision, Effect, Passed, Stop, climb, conclude
from syncrules.facts import (
    MN_ID_FIELD,
    PRIMARY_QUOTE_FIELD,
    LinkFacts,
    Pairing,
    RemoteOpportunity,
)
from syncrules.reasons import Reason

FLOW: Final = "link_via_primary_quote"


def decide(facts: LinkFacts) -> Decision:
    """Whether the two records are to be paired, with the ladder that led there."""
    ladder = climb(CHECKS, facts)
    if facts.pairing_of_record is not None and ladder.stopped_by is None:
        return conclude(FLOW, ladder, otherwise=Reason.ALREADY_LINKED, effects=())
    return conclude(
        FLOW,
        ladder,
        otherwise=Reason.LINKED,
        effects=(Effect.STORE_ASSOCIATION, Effect.REQUEST_PUSH),
    )


def _connection(facts: LinkFacts) -> Passed | Stop:
    return pairings.connection_is_live(facts.connection)


def _record_exists(facts: LinkFacts) -> Passed | Stop:
    return pairings.record_exists(facts.remote, looked_for={"looked for": facts.salesforce_id})


def _carries_no_mn_id(facts: LinkFacts) -> Passed | Stop:
    remote = _remote(facts)
    evidence: dict[str, str | None] = {MN_ID_FIELD: remote.mn_id}
    if remote.mn_id is None:
        return Passed(evidence)
    stored = facts.pairing_of_record
    evidence["stored association"] = stored.opportunity_mn_id if stored else None
    if stored is None or stored.opportunity_mn_id != remote.mn_id:
        evidence["drift"] = "the record and the stored association name different partners"
    return Stop(Reason.OPPORTUNITY_ALREADY_LINKED, evidence)


def _salesforce_half_stands(facts: LinkFacts) -> Passed | Stop:
    """Clearing the field in Salesforce alone leaves our half of the pair in force."""
    stored, written = facts.pairing_of_record, facts.was_written_at
    evidence = {
        **pairings.told(stored),
        "MN id last written": written.isoformat() if written else None,
    }
    if stored is None or written is None or _leads_elsewhere(facts, stored):
        return Passed(evidence)
    return Stop(Reason.HALF_REASSIGNMENT, {MN_ID_FIELD: None, **evidence})


def _leads_elsewhere(facts: LinkFacts, stored: Pairing) -> bool:
    """A primary quote of another opportunity, or one unknown here, says more than an empty field:
    the rungs below judge it."""
    if _remote(facts).primary_quote_salesforce_id is None:
        return False
    return facts.opportunity is None or facts.opportunity.mn_id != stored.opportunity_mn_id


def _names_a_primary_quote(facts: LinkFacts) -> Passed | Stop:
    remote = _remote(facts)
    evidence = {
        PRIMARY_QUOTE_FIELD: remote.primary_quote_salesforce_id,
        "MN quote": remote.primary_quote_mn_id,
    }
    if remote.primary_quote_salesforce_id is None:
        return Stop(Reason.PRIMARY_QUOTE_MISSING, {MN_ID_FIELD: None, **evidence})
    return Passed(evidence)


def _quote_is_known(facts: LinkFacts) -> Passed | Stop:
    named = _remote(facts).primary_quote_mn_id
    if facts.quote is None:
        detail = "unknown here" if named else "the quote record in Salesforce carries no MN id"
        return Stop(Reason.QUOTE_INACCESSIBLE, {"MN quote": named, "found": detail})
    return Passed({"MN quote": facts.quote.mn_id})


def _quote_is_readable(facts: LinkFacts) -> Passed | Stop:
    quote = facts.quote
    assert quote is not None
    if not quote.is_readable:
        evidence = {"MN quote": quote.mn_id, "found": f"not readable for {facts.caller}"}
        return Stop(Reason.QUOTE_INACCESSIBLE, evidence)
    return Passed({"status": quote.status, "caller": facts.caller})


def _quote_has_an_opportunity(facts: LinkFacts) -> Passed | Stop:
    quote = facts.quote
    assert quote is not None
    if facts.opportunity is None:
        evidence = {"MN quote": quote.mn_id, "MN account": quote.account_mn_id}
        return Stop(Reason.QUOTE_WITHOUT_OPPORTUNITY, evidence)
    return Passed({"MN opportunity": facts.opportunity.mn_id, "status": facts.opportunity.status})


def _opportunity_is_free(facts: LinkFacts) -> Passed | Stop:
    return pairings.opportunity_is_free(
        facts.pairing_of_opportunity, for_record=facts.salesforce_id
    )


def _record_is_free(facts: LinkFacts) -> Passed | Stop:
    assert facts.opportunity is not None
    return pairings.record_is_free(facts.pairing_of_record, for_opportunity=facts.opportunity.mn_id)


def _remote(facts: LinkFacts) -> RemoteOpportunity:
    assert facts.remote is not None, "the ladder stops where the record does not exist"
    return facts.remote


CHECKS: Final[tuple[Check[LinkFacts], ...]] = (
    Check("connection", "Is there a live Salesforce connection?", _connection),
    Check("record_exists", "Does the Salesforce opportunity exist?", _record_exists),
    Check("carries_no_mn_id", "Is its MN id still empty?", _carries_no_mn_id),
    Check(
        "salesforce_half_stands",
        "If a pair is stored, does Salesforce still have its half?",
        _salesforce_half_stands,
    ),
    Check("names_a_primary_quote", "Does it name a primary quote?", _names_a_primary_quote),
    Check("quote_is_known", "Is that MN quote known here?", _quote_is_known),
    Check("quote_is_readable", "May the caller read the quote?", _quote_is_readable),
    Check(
        "quote_has_an_opportunity",
        "Does the quote belong to an MN opportunity?",
        _quote_has_an_opportunity,
    ),
    Check(
        "opportunity_is_free",
        "Is the MN opportunity tied to no other Salesforce opportunity?",
        _opportunity_is_free,
    ),
    Check(
        "record_is_free",
        "Is the Salesforce opportunity tied to no other MN opportunity?",
        _record_is_free,
    ),
)
