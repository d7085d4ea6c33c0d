"""Flow D: which Salesforce record is updated, with what, and when again after a failure?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from syncrules.decisions import Check, Decision, Effect, Evidence, Passed, Stop, climb
from syncrules.facts import (
    MN_ID_FIELD,
    PRIMARY_QUOTE_FIELD,
    LocalOpportunity,
    Pairing,
    PushFacts,
    RemoteOpportunity,
    TroubleFact,
    WriteFact,
)
from syncrules.reasons import Reason, describe

FLOW: Final = "push_outbound"


class ResolvedBy(StrEnum):
    """Which of the three steps found the Salesforce record."""

    ASSOCIATION = "association"
    CREATION_REFERENCE = "creation_reference"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Located:
    """The record to write to, and how it was found. Nothing found: no id."""

    resolved_by: ResolvedBy
    salesforce_id: str | None


def locate(opportunity: LocalOpportunity, pairing: Pairing | None) -> Located:
    """Whom to write to: the stored association, else the record referenced at creation."""
    if pairing is not None:
        return Located(ResolvedBy.ASSOCIATION, pairing.salesforce_id)
    if opportunity.creation_reference is not None:
        return Located(ResolvedBy.CREATION_REFERENCE, opportunity.creation_reference)
    return Located(ResolvedBy.NOTHING, None)


def decide(facts: PushFacts) -> Decision:
    """Whether Salesforce is to be updated, and which of the two fields.

    Asked again with `facts.write` after something was sent, it says how that went.
    """
    checks = LOCATE + (READ_BACK if facts.write else ()) + QUOTE
    ladder = climb(checks, facts)
    goes_on = ladder.stopped_by in (None, Reason.QUOTE_NOT_IN_SALESFORCE)
    effects = _effects(facts) if goes_on else ()
    reason = ladder.stopped_by or (
        Reason.PUSHED if {*effects} & _WRITES else Reason.ALREADY_IN_STEP
    )
    return Decision(FLOW, describe(reason).outcome, reason, ladder.steps, effects)


def wished(facts: PushFacts, decision: Decision) -> dict[str, str]:
    """What the record is to hold: Salesforce field -> value, only what the decision changes."""
    fields = {}
    if decision.has(Effect.WRITE_LINK):
        fields[MN_ID_FIELD] = facts.opportunity.mn_id
    if decision.has(Effect.WRITE_PRIMARY_QUOTE):
        assert facts.opportunity.primary_quote_mn_id is not None
        fields[PRIMARY_QUOTE_FIELD] = facts.quote_records[facts.opportunity.primary_quote_mn_id]
    return fields


_WRITES: Final = frozenset({Effect.WRITE_LINK, Effect.WRITE_PRIMARY_QUOTE})


def _effects(facts: PushFacts) -> tuple[Effect, ...]:
    remote = _remote(facts)
    effects = []
    if facts.pairing is None:
        effects.append(Effect.STORE_ASSOCIATION)
    if remote.mn_id != facts.opportunity.mn_id:
        effects.append(Effect.WRITE_LINK)
    primary = facts.opportunity.primary_quote_mn_id
    if primary in facts.quote_records and remote.primary_quote_mn_id != primary:
        effects.append(Effect.WRITE_PRIMARY_QUOTE)
    return tuple(effects)


def _connection(facts: PushFacts) -> Passed | Stop:
    evidence = {"connection": facts.connection.state, "detail": facts.connection.detail}
    if facts.connection.is_live:
        return Passed(evidence)
    return Stop(Reason.HELD_UNTIL_CONNECTED, evidence)


def _is_located(facts: PushFacts) -> Passed | Stop:
    located = locate(facts.opportunity, facts.pairing)
    evidence: dict[str, str | None] = {
        "stored association": facts.pairing.salesforce_id if facts.pairing else None
    }
    if facts.pairing is None:
        evidence["referenced at creation"] = facts.opportunity.creation_reference
    evidence["resolved by"] = located.resolved_by
    if located.salesforce_id is None:
        return Stop(Reason.LINK_NEVER_ESTABLISHED, evidence)
    return Passed(evidence)


def _salesforce_answers(facts: PushFacts) -> Passed | Stop:
    if facts.trouble is not None:
        return Stop(facts.trouble.reason, _told(facts.trouble))
    return Passed()


def _record_exists(facts: PushFacts) -> Passed | Stop:
    if facts.remote is None:
        located = locate(facts.opportunity, facts.pairing)
        evidence = {"looked for": located.salesforce_id, "resolved by": located.resolved_by}
        return Stop(Reason.SALESFORCE_RECORD_GONE, evidence)
    return Passed({"opportunity": facts.remote.name, "Salesforce id": facts.remote.salesforce_id})


def _carries_no_other_mn_id(facts: PushFacts) -> Passed | Stop:
    carried = _remote(facts).mn_id
    evidence = {MN_ID_FIELD: carried, "ours": facts.opportunity.mn_id}
    if carried not in (None, facts.opportunity.mn_id):
        return Stop(Reason.CONFLICTING_ASSOCIATION, evidence)
    return Passed(evidence)


def _is_paired_with_no_other(facts: PushFacts) -> Passed | Stop:
    other = facts.pairing_of_record
    if other is not None and other.opportunity_mn_id != facts.opportunity.mn_id:
        evidence = {
            "stored association": f"{other.opportunity_mn_id} with {other.salesforce_id}",
            "linked at": other.linked_at.isoformat(),
            "linked by": f"{other.linked_by} ({other.actor})",
        }
        return Stop(Reason.CONFLICTING_ASSOCIATION, evidence)
    return Passed({"stored association": other.opportunity_mn_id if other else None})


def _quote_has_a_record(facts: PushFacts) -> Passed | Stop:
    primary = facts.opportunity.primary_quote_mn_id
    if primary is None:
        return Passed({"primary quote": None, "so": "the field in Salesforce is left alone"})
    record = facts.quote_records.get(primary)
    evidence = {"primary quote": primary, "its Salesforce record": record}
    if record is None:
        return Stop(Reason.QUOTE_NOT_IN_SALESFORCE, evidence)
    return Passed(evidence)


def _write_is_accepted(facts: PushFacts) -> Passed | Stop:
    write = _write(facts)
    if write.refusal is not None:
        return Stop(write.refusal.reason, {**write.sent, **_told(write.refusal)})
    return Passed(write.sent)


def _values_are_kept(facts: PushFacts) -> Passed | Stop:
    write = _write(facts)
    evidence = {
        f"{name} sent {value}": f"found {write.found.get(name) or 'nothing'}"
        for name, value in write.sent.items()
    }
    if any(write.found.get(name) != value for name, value in write.sent.items()):
        return Stop(Reason.ACCEPTED_NOT_APPLIED, evidence)
    return Passed(evidence)


def _told(trouble: TroubleFact) -> Evidence:
    return {"Salesforce's code": trouble.code, "Salesforce's words": trouble.words}


def _write(facts: PushFacts) -> WriteFact:
    assert facts.write is not None, "asked only after something was sent"
    return facts.write


def _remote(facts: PushFacts) -> RemoteOpportunity:
    assert facts.remote is not None, "the ladder stops where the record does not exist"
    return facts.remote


LOCATE: Final[tuple[Check[PushFacts], ...]] = (
    Check("connection", "Is there a live Salesforce connection?", _connection),
    Check("is_located", "Is a Salesforce opportunity known for it?", _is_located),
    Check("salesforce_answers", "Does Salesforce answer?", _salesforce_answers),
    Check("record_exists", "Does that Salesforce opportunity exist?", _record_exists),
    Check(
        "carries_no_other_mn_id",
        "Does the record carry no other MN id?",
        _carries_no_other_mn_id,
    ),
    Check(
        "is_paired_with_no_other",
        "Is the record tied to no other MN opportunity?",
        _is_paired_with_no_other,
    ),
)
READ_BACK: Final[tuple[Check[PushFacts], ...]] = (
    Check("write_is_accepted", "Did Salesforce accept the update?", _write_is_accepted),
    Check("values_are_kept", "Does reading back show the values sent?", _values_are_kept),
)
# Last, since the link is written even when the quote has no record to point to.
QUOTE: Final[tuple[Check[PushFacts], ...]] = (
    Check(
        "quote_has_a_record",
        "Does the primary quote have a record in Salesforce?",
        _quote_has_a_record,
    ),
)


class Trouble(StrEnum):
    """What kind of failure an attempt met; the edge to Salesforce classifies."""

    UNAVAILABLE = "unavailable"
    RECORD_BUSY = "record_busy"
    LIMIT_REACHED = "limit_reached"
    MISCONFIGURED = "misconfigured"
    REJECTED = "rejected"
    RECORD_GONE = "record_gone"
    UNKNOWN = "unknown"


class Next(StrEnum):
    RETRY = "retry"
    HOLD = "hold"
    PARK = "park"


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What becomes of a push whose attempt failed. `burns_attempt`: counts against the limit."""

    next: Next
    reason: Reason
    delay: timedelta = timedelta(0)
    burns_attempt: bool = False


MAX_ATTEMPTS: Final = 8
_BASE_DELAY: Final = timedelta(seconds=2)
_MAX_DELAY: Final = timedelta(minutes=10)
_LIMIT_PAUSE: Final = timedelta(minutes=5)


_PARKS: Final = {
    Trouble.REJECTED: Reason.REJECTED_BY_SALESFORCE,
    Trouble.RECORD_GONE: Reason.SALESFORCE_RECORD_GONE,
    Trouble.UNKNOWN: Reason.UNEXPECTED_ERROR,
}


def after_trouble(trouble: Trouble, *, attempts: int, jitter: float) -> Afterwards:
    """When the push is tried again, or that it is not.

    Units: `attempts` counts those already burnt; `jitter` is drawn by the caller from [0, 1).
    """
    if trouble in _PARKS:
        return Afterwards(Next.PARK, _PARKS[trouble], burns_attempt=True)
    if trouble is Trouble.MISCONFIGURED:
        return Afterwards(Next.HOLD, Reason.HELD_UNTIL_CONNECTED)
    if trouble is Trouble.LIMIT_REACHED:
        return Afterwards(Next.RETRY, Reason.API_LIMIT_REACHED, _LIMIT_PAUSE)
    is_the_records_own = trouble is Trouble.RECORD_BUSY
    if is_the_records_own and attempts + 1 >= MAX_ATTEMPTS:
        return Afterwards(Next.PARK, Reason.RETRIES_EXHAUSTED, burns_attempt=True)
    delay = _backoff(attempts, jitter)
    return Afterwards(Next.RETRY, Reason.WILL_BE_RETRIED, delay, burns_attempt=is_the_records_own)


def _backoff(attempts: int, jitter: float) -> timedelta:
    """Full jitter: anywhere between nothing and the doubled delay, so that a crowd spreads."""
    doublings: int = 2 ** min(attempts, 20)
    return min(_BASE_DELAY * doublings, _MAX_DELAY) * jitter
