"""A Salesforce account is given its MN account. Is each of them free for the other?"""

from __future__ import annotations

from typing import Final

from syncrules import pairings
from syncrules.account_facts import KnownAccount, MapAccountFacts
from syncrules.decisions import Check, Decision, Effect, Passed, Stop, climb, conclude
from syncrules.facts import MN_ID_FIELD
from syncrules.reasons import Reason

FLOW: Final = "map_account"


def decide(facts: MapAccountFacts) -> Decision:
    """Whether the two accounts are to be matched, or a new MN account is to be made."""
    ladder = climb(CHECKS, facts)
    if facts.chosen is None:
        return conclude(
            FLOW, ladder, otherwise=Reason.ACCOUNT_CREATED, effects=(Effect.CREATE_ACCOUNT,)
        )
    if facts.owner is not None:
        return conclude(FLOW, ladder, otherwise=Reason.ACCOUNT_ALREADY_LINKED, effects=())
    return conclude(FLOW, ladder, otherwise=Reason.ACCOUNT_LINKED, effects=(Effect.LINK_ACCOUNT,))


def _connection(facts: MapAccountFacts) -> Passed | Stop:
    return pairings.connection_is_live(facts.connection)


def _record_exists(facts: MapAccountFacts) -> Passed | Stop:
    if facts.remote is None:
        return Stop(Reason.SALESFORCE_ACCOUNT_GONE, {"looked for": facts.salesforce_id})
    return Passed({"account": facts.remote.name, "Salesforce id": facts.remote.salesforce_id})


def _account_is_known(facts: MapAccountFacts) -> Passed | Stop:
    if facts.chosen is None:
        return Passed({"MN account": "a new one"})
    if facts.account is None:
        return Stop(Reason.ACCOUNT_UNKNOWN, {"looked for": facts.chosen})
    return Passed({"MN account": _told(facts.account)})


def _record_is_free(facts: MapAccountFacts) -> Passed | Stop:
    """Whether no other MN account carries the id of this Salesforce account."""
    evidence = {"MN account with this Salesforce id": _told(facts.owner) if facts.owner else None}
    is_other = facts.owner is not None and facts.owner.mn_id != facts.chosen
    return Stop(Reason.CONFLICTING_ASSOCIATION, evidence) if is_other else Passed(evidence)


def _account_is_free(facts: MapAccountFacts) -> Passed | Stop:
    carried = facts.account.salesforce_id if facts.account else None
    evidence = {"Salesforce account of the MN account": carried}
    if carried not in (None, facts.salesforce_id):
        return Stop(Reason.CONFLICTING_ASSOCIATION, evidence)
    return Passed(evidence)


def _carries_no_other_mn_id(facts: MapAccountFacts) -> Passed | Stop:
    """A record that names an MN account is that one's, whether or not we know of it."""
    named = facts.remote.mn_id if facts.remote else None
    evidence = {MN_ID_FIELD: named, "chosen": facts.chosen}
    if named not in (None, facts.chosen):
        return Stop(Reason.CONFLICTING_ASSOCIATION, evidence)
    return Passed(evidence)


def _told(account: KnownAccount) -> str:
    return f"{account.name} ({account.mn_id})"


CHECKS: Final[tuple[Check[MapAccountFacts], ...]] = (
    Check("connection", "Is there a live Salesforce connection?", _connection),
    Check("record_exists", "Does the Salesforce account exist?", _record_exists),
    Check("account_is_known", "Is the chosen MN account known?", _account_is_known),
    Check(
        "record_is_free",
        "Is the Salesforce account matched to no other MN account?",
        _record_is_free,
    ),
    Check(
        "account_is_free",
        "Is the MN account matched to no other Salesforce account?",
        _account_is_free,
    ),
    Check(
        "carries_no_other_mn_id",
        "Does the Salesforce account name no other MN account?",
        _carries_no_other_mn_id,
    ),
)
