"""Flow "sync products": may an opportunity's products be written, and how did that go?

Which lines go, and what must change, is said by `sync_products` and `product_difference`; this is
the ladder around them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from syncrules import misfortunes, pairings, product_rungs
from syncrules.decisions import Check, Decision, Effect, Passed, StepStatus, Stop, climb
from syncrules.facts import (
    FINALIZED_OPPORTUNITY,
    FINALIZED_QUOTE,
    MN_ID_FIELD,
    RemoteOpportunity,
)
from syncrules.product_difference import ProductDifference
from syncrules.product_push_facts import ProductPushFacts
from syncrules.product_rungs import Case, case_of, told
from syncrules.reasons import Reason, describe
from syncrules.sync_products import FLOW

__all__ = ["FLOW", "Judged", "decide", "judge"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision, and the difference that it rests on; None where Salesforce was not read."""

    decision: Decision
    difference: ProductDifference | None


def decide(facts: ProductPushFacts) -> Decision:
    """Whether products are to be written. Asked again with `facts.write`, it says how that went."""
    return judge(facts).decision


def judge(facts: ProductPushFacts) -> Judged:
    """The decision and the difference. One function makes the preview and the push."""
    case = Case(facts, None) if misfortunes.stop(facts) else case_of(facts)
    before = misfortunes.rungs(facts, of=_facts) + BEFORE
    checks = before + (product_rungs.WRITE if facts.write else ()) + product_rungs.LINES
    ladder = climb(checks, case)
    blocked = [step.key for step in ladder.steps if step.status is StepStatus.BLOCKED]
    # The rungs about single lines hold up nothing else.
    is_open = {*blocked} <= {check.key for check in product_rungs.LINES}
    must_write = is_open and case.difference is not None and not case.difference.is_empty
    reason = ladder.stopped_by or (
        Reason.PRODUCTS_PUSHED if must_write else Reason.PRODUCTS_IN_STEP
    )
    effects = (Effect.WRITE_PRODUCTS,) if must_write else ()
    decision = Decision(FLOW, describe(reason).outcome, reason, ladder.steps, effects)
    return Judged(decision, case.difference)


def _facts(case: Case) -> ProductPushFacts:
    return case.facts


# --- The rungs -----------------------------------------------------------------------------------


def _connection(case: Case) -> Passed | Stop:
    return pairings.connection_is_live(case.facts.connection, otherwise=Reason.HELD_UNTIL_CONNECTED)


def _salesforce_answers(case: Case) -> Passed | Stop:
    trouble = case.facts.trouble
    return Passed() if trouble is None else Stop(trouble.reason, told(trouble))


def _is_enabled(case: Case) -> Passed | Stop:
    is_disabled = case.facts.settings.is_disabled
    evidence = {"Disable Product Sync": "set" if is_disabled else "not set"}
    return Stop(Reason.PRODUCT_SYNC_DISABLED, evidence) if is_disabled else Passed(evidence)


def _has_quote(case: Case) -> Passed | Stop:
    quote = case.facts.quote
    primary = case.facts.opportunity.primary_quote_mn_id
    evidence: dict[str, str | None] = {"primary quote": primary}
    if quote is None:
        return Stop(Reason.NO_PRIMARY_QUOTE, evidence)
    if quote.terms.mn_id != primary:
        evidence["if this were primary"] = quote.terms.mn_id
    evidence["lines"] = str(len(quote.lines))
    return Passed(evidence)


def _is_linked(case: Case) -> Passed | Stop:
    """Products are written through a stored association only: a creation reference is confirmed
    by the push of the link, which goes first."""
    pairing = case.facts.pairing
    if pairing is None:
        return Stop(Reason.LINK_NEVER_ESTABLISHED, pairings.told(None))
    return Passed(pairings.told(pairing))


def _record_exists(case: Case) -> Passed | Stop:
    pairing = case.facts.pairing
    looked_for = {"looked for": pairing.salesforce_id if pairing else None}
    return pairings.record_exists(case.facts.remote, looked_for=looked_for)


def _carries_our_mn_id(case: Case) -> Passed | Stop:
    remote, ours = _remote(case), case.facts.opportunity.mn_id
    if remote.mn_id is None:
        return Stop(Reason.HALF_REASSIGNMENT, {MN_ID_FIELD: None, "ours": ours})
    return pairings.carries_no_other_mn_id(remote, ours=ours)


def _replaces_no_locked_quote(case: Case) -> Passed | Stop:
    """A deal that was finalized keeps the products of the quote that it was closed with."""
    facts, theirs = case.facts, _remote(case).primary_quote_mn_id
    ours = facts.quote.terms.mn_id if facts.quote else None
    evidence: dict[str, str | None] = {
        "the opportunity": facts.opportunity.status,
        "its primary quote's status": facts.primary.status if facts.primary else None,
        "the quote whose lines go": ours,
        "Salesforce's primary quote": theirs,
    }
    is_finalized = facts.opportunity.status in FINALIZED_OPPORTUNITY or (
        facts.primary is not None and facts.primary.status in FINALIZED_QUOTE
    )
    if is_finalized and theirs not in (None, ours):
        return Stop(Reason.ENTITY_FINALIZED, evidence)
    return Passed(evidence)


def _remote(case: Case) -> RemoteOpportunity:
    assert case.facts.remote is not None, "the ladder stops where the record does not exist"
    return case.facts.remote


BEFORE: Final[tuple[Check[Case], ...]] = (
    Check("connection", "Is there a live Salesforce connection?", _connection),
    Check(
        "salesforce_answers", "Did Salesforce answer, as far as it was asked?", _salesforce_answers
    ),
    Check("sync_is_enabled", "Is product sync switched on?", _is_enabled),
    Check("has_primary_quote", "Has the opportunity a primary quote?", _has_quote),
    Check("is_linked", "Is it linked to a Salesforce opportunity?", _is_linked),
    Check("record_exists", "Does that Salesforce opportunity exist?", _record_exists),
    Check("carries_our_mn_id", "Does the record carry our MN id?", _carries_our_mn_id),
    Check(
        "replaces_no_locked_quote",
        "Does it leave the products of a finalized deal's quote alone?",
        _replaces_no_locked_quote,
    ),
)
