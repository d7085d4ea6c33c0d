"""The rungs of flow D: is the record found, is it ours, did it take what was sent, and may the
primary quote go?"""

from __future__ import annotations

from typing import Final

from syncrules import pairings
from syncrules.decisions import Check, Evidence, Passed, Stop
from syncrules.facts import (
    FINALIZED_OPPORTUNITY,
    FINALIZED_QUOTE,
    MN_ID_FIELD,
    PushFacts,
    RemoteOpportunity,
    TroubleFact,
    WriteFact,
)
from syncrules.located import locate
from syncrules.reasons import Reason


def remote(facts: PushFacts) -> RemoteOpportunity:
    """The record, for those who are asked only where it exists."""
    assert facts.remote is not None, "the ladder stops where the record does not exist"
    return facts.remote


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
    return pairings.carries_no_other_mn_id(remote(facts), ours=facts.opportunity.mn_id)


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
    ours, theirs = facts.opportunity.primary_quote_mn_id, remote(facts).primary_quote_mn_id
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
