"""Flow B: a quote is started from a Salesforce opportunity. Is there an account to create under?"""

from __future__ import annotations

from typing import Final

from syncrules import pairings
from syncrules.decisions import Check, Decision, Effect, Passed, Stop, climb, conclude
from syncrules.facts import MN_ID_FIELD, InitiationFacts, RemoteOpportunity
from syncrules.reasons import Reason

FLOW: Final = "create_from_quote_initiation"


def decide(facts: InitiationFacts) -> Decision:
    """Whether an MN opportunity is created, an existing one is used, or nothing happens at all."""
    ladder = climb(CHECKS, facts)
    if facts.pairing_of_record is not None:
        return conclude(
            FLOW, ladder, otherwise=Reason.OPPORTUNITY_REUSED, effects=(Effect.CREATE_QUOTE,)
        )
    if facts.referenced_by:
        return conclude(
            FLOW,
            ladder,
            otherwise=Reason.OPPORTUNITY_REUSED,
            effects=(Effect.STORE_ASSOCIATION, Effect.CREATE_QUOTE, Effect.REQUEST_PUSH),
        )
    return conclude(
        FLOW,
        ladder,
        otherwise=Reason.OPPORTUNITY_CREATED,
        effects=(
            Effect.CREATE_OPPORTUNITY,
            Effect.STORE_ASSOCIATION,
            Effect.CREATE_QUOTE,
            Effect.REQUEST_PUSH,
        ),
    )


def _connection(facts: InitiationFacts) -> Passed | Stop:
    return pairings.connection_is_live(facts.connection)


def _record_exists(facts: InitiationFacts) -> Passed | Stop:
    return pairings.record_exists(facts.remote, looked_for={"looked for": facts.salesforce_id})


def _has_required_fields(facts: InitiationFacts) -> Passed | Stop:
    remote = _remote(facts)
    evidence = {"Name": remote.name.strip() or None, "AccountId": remote.account_salesforce_id}
    if None in evidence.values():
        return Stop(Reason.MISSING_REQUIRED_FIELD, evidence)
    return Passed(evidence)


def _account_is_matched(facts: InitiationFacts) -> Passed | Stop:
    named = _remote(facts).account_salesforce_id
    if facts.account is None:
        return Stop(Reason.ACCOUNT_NOT_LINKED, {"Salesforce account": named, "MN account": None})
    return Passed(
        {"Salesforce account": named, "MN account": f"{facts.account.name} ({facts.account.mn_id})"}
    )


def _is_nobody_elses(facts: InitiationFacts) -> Passed | Stop:
    """A record that names an MN opportunity is that one's, whether or not the pair is stored."""
    remote, pairing = _remote(facts), facts.pairing_of_record
    evidence = {MN_ID_FIELD: remote.mn_id, **pairings.told(pairing)}
    ours = {pairing.opportunity_mn_id} if pairing else {each.mn_id for each in facts.referenced_by}
    if remote.mn_id is not None and remote.mn_id not in ours:
        return Stop(Reason.CONFLICTING_ASSOCIATION, evidence)
    return Passed(evidence)


def _was_created_for_once(facts: InitiationFacts) -> Passed | Stop:
    """Two that were created for one record: only a person can tell which of them it belongs to."""
    names = ", ".join(f"{each.name} ({each.mn_id})" for each in facts.referenced_by)
    evidence = {"created for it, not linked yet": names or None}
    if len(facts.referenced_by) > 1:
        return Stop(Reason.CONFLICTING_ASSOCIATION, evidence)
    return Passed(evidence)


def _remote(facts: InitiationFacts) -> RemoteOpportunity:
    assert facts.remote is not None, "the ladder stops where the record does not exist"
    return facts.remote


CHECKS: Final[tuple[Check[InitiationFacts], ...]] = (
    Check("connection", "Is there a live Salesforce connection?", _connection),
    Check("record_exists", "Does the Salesforce opportunity exist?", _record_exists),
    Check(
        "has_required_fields",
        "Does it have the required fields, a name and an account?",
        _has_required_fields,
    ),
    Check(
        "account_is_matched",
        "Is its Salesforce account linked to an MN account?",
        _account_is_matched,
    ),
    Check(
        "is_nobody_elses",
        "Does it carry no MN id other than that of its stored pair?",
        _is_nobody_elses,
    ),
    Check(
        "was_created_for_once",
        "Was at most one MN opportunity created for it?",
        _was_created_for_once,
    ),
)
