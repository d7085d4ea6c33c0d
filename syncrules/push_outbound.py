"""Flow D: which Salesforce record is updated, and with what?"""

from __future__ import annotations

from typing import Final

from syncrules import misfortunes
from syncrules.decisions import Decision, Effect, Ladder, StepStatus, climb
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD, PushFacts
from syncrules.link_rungs import CONNECTION, LOCATE, QUOTE, READ_BACK, RELEASE, remote
from syncrules.reasons import Reason, describe

FLOW: Final = "push_outbound"


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


_QUOTE_KEYS: Final = frozenset(check.key for check in QUOTE)
_WRITES: Final = frozenset({Effect.WRITE_LINK, Effect.WRITE_PRIMARY_QUOTE})


def _is_before_the_quote(ladder: Ladder) -> bool:
    """Whether the ladder stopped at a rung that lets nothing be written."""
    if ladder.stopped_by is None:
        return False
    blocked = (step.key for step in ladder.steps if step.status is StepStatus.BLOCKED)
    return any(key not in _QUOTE_KEYS for key in blocked)


def _effects(facts: PushFacts, ladder: Ladder) -> tuple[Effect, ...]:
    found = remote(facts)
    effects = []
    if facts.pairing is None:
        effects.append(Effect.STORE_ASSOCIATION)
    if found.mn_id != facts.opportunity.mn_id:
        effects.append(Effect.WRITE_LINK)
    primary = facts.opportunity.primary_quote_mn_id
    if ladder.stopped_by is None and primary is not None and found.primary_quote_mn_id != primary:
        effects.append(Effect.WRITE_PRIMARY_QUOTE)
    return tuple(effects)
