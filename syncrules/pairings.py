"""Checks that several flows ask in the same words: the connection, and who is tied to whom."""

from __future__ import annotations

from syncrules.decisions import Evidence, Passed, Stop
from syncrules.facts import MN_ID_FIELD, Connection, Pairing, RemoteOpportunity
from syncrules.reasons import Reason


def connection_is_live(
    connection: Connection, *, otherwise: Reason = Reason.NO_SALESFORCE_CONNECTION
) -> Passed | Stop:
    evidence = {"connection": connection.state, "detail": connection.detail}
    return Passed(evidence) if connection.is_live else Stop(otherwise, evidence)


def record_exists(remote: RemoteOpportunity | None, *, looked_for: Evidence) -> Passed | Stop:
    if remote is None:
        return Stop(Reason.SALESFORCE_RECORD_GONE, looked_for)
    return Passed({"opportunity": remote.name, "Salesforce id": remote.salesforce_id})


def opportunity_is_free(pairing: Pairing | None, *, for_record: str) -> Passed | Stop:
    """Whether the MN opportunity is tied to no other Salesforce opportunity."""
    is_other = pairing is not None and pairing.salesforce_id != for_record
    return (
        Stop(Reason.CONFLICTING_ASSOCIATION, told(pairing)) if is_other else Passed(told(pairing))
    )


def record_is_free(pairing: Pairing | None, *, for_opportunity: str) -> Passed | Stop:
    """Whether the Salesforce opportunity is tied to no other MN opportunity."""
    is_other = pairing is not None and pairing.opportunity_mn_id != for_opportunity
    return (
        Stop(Reason.CONFLICTING_ASSOCIATION, told(pairing)) if is_other else Passed(told(pairing))
    )


def carries_no_other_mn_id(remote: RemoteOpportunity, *, ours: str) -> Passed | Stop:
    evidence = {MN_ID_FIELD: remote.mn_id, "ours": ours}
    if remote.mn_id not in (None, ours):
        return Stop(Reason.CONFLICTING_ASSOCIATION, evidence)
    return Passed(evidence)


def told(pairing: Pairing | None) -> Evidence:
    """A pairing as evidence: who with whom, since when, by what."""
    if pairing is None:
        return {"stored association": None}
    return {
        "stored association": f"{pairing.opportunity_mn_id} with {pairing.salesforce_id}",
        "linked at": pairing.linked_at.isoformat(),
        "linked by": f"{pairing.linked_by} ({pairing.actor})",
    }
