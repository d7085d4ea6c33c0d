"""May a pair be ended, and its MN opportunity be given another Salesforce opportunity?"""

from __future__ import annotations

from typing import Final

from syncrules import pairings
from syncrules.decisions import Check, Decision, Effect, Passed, Stop, climb, conclude
from syncrules.facts import (
    FINALIZED_OPPORTUNITY,
    FINALIZED_QUOTE,
    MN_ID_FIELD,
    RelinkFacts,
    RemoteOpportunity,
)
from syncrules.reasons import Reason

FLOW: Final = "relink"


def decide(facts: RelinkFacts) -> Decision:
    """Whether the change of partner may be made, and what it writes on both sides."""
    ladder = climb(ENDING + (STARTING if facts.target else ()), facts)
    effects = [Effect.END_ASSOCIATION] if facts.pairing else []
    if facts.old is not None and facts.old.mn_id == facts.opportunity.mn_id:
        effects.append(Effect.CLEAR_OLD_RECORD)
    if facts.target is not None:
        effects.append(Effect.STORE_ASSOCIATION)
    return conclude(
        FLOW,
        ladder,
        otherwise=Reason.RELINKED if facts.target else Reason.UNLINKED,
        effects=(*effects, Effect.REQUEST_PUSH),
    )


def _connection(facts: RelinkFacts) -> Passed | Stop:
    return pairings.connection_is_live(facts.connection)


def _is_linked(facts: RelinkFacts) -> Passed | Stop:
    if facts.pairing is None and not facts.is_undo:
        return Stop(Reason.LINK_NEVER_ESTABLISHED, pairings.told(None))
    return Passed(pairings.told(facts.pairing))


def _ours_is_open(facts: RelinkFacts) -> Passed | Stop:
    """Taking a finalized deal apart would change the quote it was closed with."""
    primary = facts.primary
    evidence: dict[str, str | None] = {
        "the opportunity": facts.opportunity.status,
        "its primary quote": primary.status if primary else None,
    }
    is_locked = facts.opportunity.status in FINALIZED_OPPORTUNITY or (
        primary is not None and primary.status in FINALIZED_QUOTE
    )
    return Stop(Reason.ENTITY_FINALIZED, evidence) if is_locked else Passed(evidence)


def _old_record_is_open(facts: RelinkFacts) -> Passed | Stop:
    if facts.old is None:
        return Passed({"the old record": "there is none, nothing to clear"})
    return _is_open(facts.old)


def _new_record_exists(facts: RelinkFacts) -> Passed | Stop:
    return pairings.record_exists(facts.new, looked_for={"looked for": facts.target})


def _new_record_is_another(facts: RelinkFacts) -> Passed | Stop:
    present = facts.pairing.salesforce_id if facts.pairing else None
    evidence = {"present partner": present, "asked for": facts.target}
    if present == facts.target:
        return Stop(Reason.ALREADY_LINKED, evidence)
    return Passed(evidence)


def _new_record_is_open(facts: RelinkFacts) -> Passed | Stop:
    return _is_open(_new(facts))


def _new_carries_no_other_mn_id(facts: RelinkFacts) -> Passed | Stop:
    return pairings.carries_no_other_mn_id(_new(facts), ours=facts.opportunity.mn_id)


def _new_record_is_free(facts: RelinkFacts) -> Passed | Stop:
    return pairings.record_is_free(facts.pairing_of_target, for_opportunity=facts.opportunity.mn_id)


def _is_open(remote: RemoteOpportunity) -> Passed | Stop:
    evidence = {
        "record": remote.name,
        "stage": remote.stage_name,
        "closed": "yes" if remote.is_closed else "no",
        MN_ID_FIELD: remote.mn_id,
    }
    return Stop(Reason.ENTITY_FINALIZED, evidence) if remote.is_closed else Passed(evidence)


def _new(facts: RelinkFacts) -> RemoteOpportunity:
    assert facts.new is not None, "the ladder stops where the record does not exist"
    return facts.new


ENDING: Final[tuple[Check[RelinkFacts], ...]] = (
    Check("connection", "Is there a live Salesforce connection?", _connection),
    Check("is_linked", "Is the MN opportunity linked?", _is_linked),
    Check("ours_is_open", "Is the deal still open in MonetizeNow?", _ours_is_open),
    Check("old_record_is_open", "Is the old record still open?", _old_record_is_open),
)
STARTING: Final[tuple[Check[RelinkFacts], ...]] = (
    Check("new_record_exists", "Does the new Salesforce opportunity exist?", _new_record_exists),
    Check("new_record_is_another", "Is it another record than now?", _new_record_is_another),
    Check("new_record_is_open", "Is the new record still open?", _new_record_is_open),
    Check(
        "new_carries_no_other_mn_id",
        "Does the new record carry no other MN id?",
        _new_carries_no_other_mn_id,
    ),
    Check(
        "new_record_is_free",
        "Is the new record tied to no other MN opportunity?",
        _new_record_is_free,
    ),
)
