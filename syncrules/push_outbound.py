"""Flow D: which Salesforce record is updated, and with what?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from syncrules import misfortunes, pairings
from syncrules.decisions import (
    Check,
    Decision,
    Effect,
    Evidence,
    Ladder,
    Passed,
    StepStatus,
    Stop,
    climb,
)
from syncrules.facts import (
    FINALIZED_OPPORTUNITY,
    FINALIZED_QUOTE,
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
    checks = (
        misfortunes.rungs(facts, of=_themselves)
        + CONNECTION
        + (RELEASE if facts.clearing else ())
        + LOCATE
        + (READ_BACK if facts.write else ())
        + QUOTE
    )
    ladder = climb(checks, facts)
    effects = () if _is_before_the_quote(ladder) else _effects(facts, ladder)
    reason = ladder.stopped_by or (
        Reason.PUSHED if {*effects} & _WRITES else Reason.ALREADY_IN_STEP
    )
    return Decision(FLOW, describe(reason).outcome, reason, ladder.steps, effects)


def _themselves(facts: PushFacts) -> PushFacts:
    return facts


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


def _is_before_the_quote(ladder: Ladder) -> bool:
    """Whether the ladder stopped at a rung that lets nothing be written."""
    quote_keys = {check.key for check in QUOTE}
    blocked = (step.key for step in ladder.steps if step.status is StepStatus.BLOCKED)
    return any(key not in quote_keys for key in blocked)


def _effects(facts: PushFacts, ladder: Ladder) -> tuple[Effect, ...]:
    remote = _remote(facts)
    effects = []
    if facts.pairing is None:
        effects.append(Effect.STORE_ASSOCIATION)
    if remote.mn_id != facts.opportunity.mn_id:
        effects.append(Effect.WRITE_LINK)
    primary = facts.opportunity.primary_quote_mn_id
    if ladder.stopped_by is None and primary is not None and remote.primary_quote_mn_id != primary:
        effects.append(Effect.WRITE_PRIMARY_QUOTE)
    return tuple(effects)


def _connection(facts: PushFacts) -> Passed | Stop:
    return pairings.connection_is_live(facts.connection, otherwise=Reason.HELD_UNTIL_CONNECTED)


def _old_partner_is_released(facts: PushFacts) -> Passed | Stop:
    clearing = facts.clearing
    if clearing is None:
        return Passed({"former partner": None})
    evidence: dict[str, str | None] = {
        "former partner": clearing.salesforce_id,
        MN_ID_FIELD: clearing.remote.mn_id if clearing.remote else None,
    }
    if clearing.salesforce_id == locate(facts.opportunity, facts.pairing).salesforce_id:
        return Passed({**evidence, "so": "it is the partner again, and keeps its link fields"})
    if clearing.refusal is not None:
        return Stop(clearing.refusal.reason, {**evidence, **_told(clearing.refusal)})
    return Passed(evidence)


def _is_located(facts: PushFacts) -> Passed | Stop:
    located = locate(facts.opportunity, facts.pairing)
    evidence: dict[str, str | None] = {
        "stored association": facts.pairing.salesforce_id if facts.pairing else None
    }
    if facts.pairing is None:
        evidence["referenced at creation"] = facts.opportunity.creation_reference
    evidence["resolved by"] = located.resolved_by
    if located.salesforce_id is None:
        was_unlinked = facts.clearing is not None
        reason = Reason.OLD_LINK_CLEARED if was_unlinked else Reason.LINK_NEVER_ESTABLISHED
        return Stop(reason, evidence)
    return Passed(evidence)


def _salesforce_answers(facts: PushFacts) -> Passed | Stop:
    if facts.trouble is not None:
        return Stop(facts.trouble.reason, _told(facts.trouble))
    return Passed()


def _record_exists(facts: PushFacts) -> Passed | Stop:
    located = locate(facts.opportunity, facts.pairing)
    evidence = {"looked for": located.salesforce_id, "resolved by": located.resolved_by}
    return pairings.record_exists(facts.remote, looked_for=evidence)


def _carries_no_other_mn_id(facts: PushFacts) -> Passed | Stop:
    return pairings.carries_no_other_mn_id(_remote(facts), ours=facts.opportunity.mn_id)


def _is_paired_with_no_other(facts: PushFacts) -> Passed | Stop:
    return pairings.record_is_free(facts.pairing_of_record, for_opportunity=facts.opportunity.mn_id)


def _quote_has_a_record(facts: PushFacts) -> Passed | Stop:
    primary = facts.opportunity.primary_quote_mn_id
    if primary is None:
        return Passed({"primary quote": None, "so": "the field in Salesforce is left alone"})
    record = facts.quote_records.get(primary)
    evidence = {"primary quote": primary, "its Salesforce record": record}
    if record is None:
        return Stop(Reason.QUOTE_NOT_IN_SALESFORCE, evidence)
    return Passed(evidence)


def _replaces_no_locked_quote(facts: PushFacts) -> Passed | Stop:
    """A deal that was finalized after the click keeps the quote that Salesforce has.

    Filling an empty field replaces nothing, and completes a link that came late.
    """
    ours, theirs = facts.opportunity.primary_quote_mn_id, _remote(facts).primary_quote_mn_id
    evidence: dict[str, str | None] = {
        "the opportunity": facts.opportunity.status,
        "our primary quote": ours,
        "its status": facts.primary.status if facts.primary else None,
        "Salesforce's primary quote": theirs,
    }
    is_finalized = facts.opportunity.status in FINALIZED_OPPORTUNITY or (
        facts.primary is not None and facts.primary.status in FINALIZED_QUOTE
    )
    if is_finalized and ours is not None and theirs not in (None, ours):
        return Stop(Reason.ENTITY_FINALIZED, evidence)
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


CONNECTION: Final[tuple[Check[PushFacts], ...]] = (
    Check("connection", "Is there a live Salesforce connection?", _connection),
    Check(
        "salesforce_answers", "Did Salesforce answer, as far as it was asked?", _salesforce_answers
    ),
)
RELEASE: Final[tuple[Check[PushFacts], ...]] = (
    Check(
        "old_partner_is_released",
        "Are the link fields of the former partner empty?",
        _old_partner_is_released,
    ),
)
LOCATE: Final[tuple[Check[PushFacts], ...]] = (
    Check("is_located", "Is a Salesforce opportunity known for it?", _is_located),
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
# Last, since the link is written even when the quote may not be, or cannot be pointed to.
QUOTE: Final[tuple[Check[PushFacts], ...]] = (
    Check(
        "replaces_no_locked_quote",
        "Does it leave the primary quote of a finalized deal alone?",
        _replaces_no_locked_quote,
    ),
    Check(
        "quote_has_a_record",
        "Does the primary quote have a record in Salesforce?",
        _quote_has_a_record,
    ),
)
