"""A person pairs two records. Is each of them free for the other?"""

from __future__ import annotations

from typing import Final

from syncrules import pairings
from syncrules.decisions import Check, Decision, Effect, Passed, Stop, climb, conclude
from syncrules.facts import ManualLinkFacts
from syncrules.reasons import Reason

FLOW: Final = "link_by_hand"


def decide(facts: ManualLinkFacts) -> Decision:
    """Whether the two records are to be paired, with the ladder that led there."""
    ladder = climb(CHECKS, facts)
    if facts.pairing_of_record is not None:
        return conclude(FLOW, ladder, otherwise=Reason.ALREADY_LINKED, effects=())
    return conclude(
        FLOW,
        ladder,
        otherwise=Reason.LINKED,
        effects=(Effect.STORE_ASSOCIATION, Effect.REQUEST_PUSH),
    )


def _connection(facts: ManualLinkFacts) -> Passed | Stop:
    return pairings.connection_is_live(facts.connection)


def _record_exists(facts: ManualLinkFacts) -> Passed | Stop:
    return pairings.record_exists(facts.remote, looked_for={"looked for": facts.salesforce_id})


def _carries_no_other_mn_id(facts: ManualLinkFacts) -> Passed | Stop:
    assert facts.remote is not None, "the ladder stops where the record does not exist"
    return pairings.carries_no_other_mn_id(facts.remote, ours=facts.opportunity.mn_id)


def _opportunity_is_free(facts: ManualLinkFacts) -> Passed | Stop:
    return pairings.opportunity_is_free(
        facts.pairing_of_opportunity, for_record=facts.salesforce_id
    )


def _record_is_free(facts: ManualLinkFacts) -> Passed | Stop:
    return pairings.record_is_free(facts.pairing_of_record, for_opportunity=facts.opportunity.mn_id)


CHECKS: Final[tuple[Check[ManualLinkFacts], ...]] = (
    Check("connection", "Is there a live Salesforce connection?", _connection),
    Check("record_exists", "Does the Salesforce opportunity exist?", _record_exists),
    Check(
        "carries_no_other_mn_id",
        "Does the record carry no other MN id?",
        _carries_no_other_mn_id,
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
