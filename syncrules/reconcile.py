"""Flow "reconcile": what Salesforce has against what it should have, and whose value is later.

Nothing is decided to be written: what mends a difference is a push, or a flow that a person starts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from syncrules import drift_products
from syncrules.decisions import Evidence
from syncrules.drift import OF_PRODUCTS, Because, DriftField, Finding, describe
from syncrules.drift_facts import Claimed, ClaimFacts, PairFacts, ProductFacts, RecordState
from syncrules.drift_verdict import Apart, Written, because_of, evidence_of
from syncrules.facts import MN_ID_FIELD
from syncrules.money import two_places

FLOW: Final = "reconcile"

MENDED_BY_LINK: Final = frozenset({DriftField.LINK, DriftField.PRIMARY_QUOTE})
MENDED_BY_PRODUCTS: Final = OF_PRODUCTS


def judge_pair(facts: PairFacts) -> tuple[Finding, ...]:
    """What differs of the link and the primary quote. A record that is gone, or is somebody
    else's, is one finding: nothing else about it is ours to compare."""
    state = facts.state
    if state is None:
        return (_gone(facts),)
    theirs = state.opportunity.mn_id
    if theirs not in (None, facts.opportunity.mn_id):
        return (_other_id(facts, state),)
    found = (_link(facts, state), _primary_quote(facts, state))
    return tuple(each for each in found if each is not None)


def judge_products(facts: ProductFacts) -> tuple[Finding, ...]:
    """What differs of the products and of their total. A record that is somebody else's has none
    of ours."""
    if facts.state.opportunity.mn_id not in (None, facts.opportunity.mn_id):
        return ()
    return drift_products.findings(facts)


def judge_claim(facts: ClaimFacts) -> Finding:
    """What it means that a record carries an MN id without being the partner stored for it."""
    claimed = facts.claimed
    if not claimed.is_known:
        because = Because.UNKNOWN_ID
    elif claimed.partner is None:
        because = Because.ID_WITHOUT_PAIR
    else:
        because = Because.COPIED_ID
    return Finding(
        DriftField.CLAIM,
        describe(because).verdict,
        because,
        ours=None,
        theirs=claimed.mn_id,
        money=_amount(facts.state),
        evidence=_whose(claimed),
    )


def _gone(facts: PairFacts) -> Finding:
    because = Because.RECORD_GONE
    return Finding(
        DriftField.RECORD,
        describe(because).verdict,
        because,
        ours=facts.pairing.salesforce_id,
        theirs=None,
        evidence={
            "linked at": facts.pairing.linked_at.isoformat(),
            "linked by": f"{facts.pairing.linked_by} ({facts.pairing.actor})",
        },
    )


def _other_id(facts: PairFacts, state: RecordState) -> Finding:
    because = Because.OTHER_ID
    return Finding(
        DriftField.LINK,
        describe(because).verdict,
        because,
        ours=facts.opportunity.mn_id,
        theirs=state.opportunity.mn_id,
        money=_amount(state),
        evidence=_whose(facts.claimed) if facts.claimed else {},
    )


def _link(facts: PairFacts, state: RecordState) -> Finding | None:
    ours = facts.opportunity.mn_id
    return _compared(DriftField.LINK, facts, ours=ours, theirs=state.opportunity.mn_id, was=ours)


def _primary_quote(facts: PairFacts, state: RecordState) -> Finding | None:
    """Without a primary quote here the field in Salesforce is left alone."""
    ours, record = facts.opportunity.primary_quote_mn_id, state.opportunity
    # A quote record that our user may not read has an id all the same.
    theirs = record.primary_quote_mn_id or record.primary_quote_salesforce_id
    was = facts.written.primary_quote_mn_id if facts.written else None
    if ours is None:
        return None
    return _compared(DriftField.PRIMARY_QUOTE, facts, ours=ours, theirs=theirs, was=was)


def _compared(
    field: DriftField, facts: PairFacts, *, ours: str, theirs: str | None, was: str | None
) -> Finding | None:
    if ours == theirs:
        return None
    written = facts.written
    apart = Apart(
        ours,
        theirs,
        push=facts.push,
        # A push without a primary quote leaves the field as it is, which is no word of ours.
        written=Written(was, written.entry_id, written.at) if written and was else None,
        ours_set_at=facts.primary_set_at,
        theirs_changed_at=facts.state.changed_at if facts.state else None,
    )
    because = because_of(apart)
    evidence = evidence_of(apart)
    return Finding(field, describe(because).verdict, because, ours, theirs, evidence=evidence)


def _whose(claimed: Claimed) -> Evidence:
    return {
        MN_ID_FIELD: claimed.mn_id,
        "known here": "yes" if claimed.is_known else "no",
        "its stored partner": claimed.partner,
    }


def _amount(state: RecordState) -> Decimal | None:
    """What reports count twice, or for the wrong deal."""
    return abs(two_places(state.amount)) if state.amount else None
