"""One slice of the search for records that carry an MN id without being anybody's partner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console import drift_facts
from console.drift_facts import Known
from console.drift_ledger import Row, claims_of
from console.drift_reading import Answer, ask
from console.drift_runs import Slice
from console.drift_slices import Compared, urgency
from console.facts import pairings_of_records
from console.models import OutboundPush
from syncrules import reconcile as rule
from syncrules.api_budget import Urgency
from syncrules.drift_facts import Claimed, ClaimFacts, RecordState

CLAIMS_A_SLICE: Final = 2000


def compare_claims(held: Slice) -> Compared:
    """The next two thousand records that carry an MN id. A run for some opportunities looks again
    at the records that are known to claim them.

    Errors: NotNow, SalesforceError.
    """
    answer = _next_page(held) if held.only is None else _known_claims(held.only)
    page = answer.found
    paired = pairings_of_records([each.opportunity.salesforce_id for each in page])
    loose = [each for each in page if each.opportunity.salesforce_id not in paired]
    known = drift_facts.known({_carried(each) for each in loose})
    moving = drift_facts.open_pushes([each.pk for each in known.values()], [OutboundPush.Lane.LINK])
    # A change of partner that waits for its push is about to empty the record.
    going = {pk for pk, push in moving.items() if push.is_moving}
    rows = [_row(each, known.get(_carried(each))) for each in loose]
    return Compared(
        behind=page[-1].opportunity.salesforce_id if page else "",
        is_last=held.only is not None or len(page) < CLAIMS_A_SLICE,
        rows=[row for row in rows if row.opportunity_id not in going],
        passed_over={row.salesforce_id for row in rows if row.opportunity_id in going},
        calls=answer.calls,
    )


def _next_page(held: Slice) -> Answer[list[RecordState]]:
    return ask(
        lambda client: client.audit.opportunities_with_mn_id(
            after=held.behind or None, limit=CLAIMS_A_SLICE
        ),
        urgency=urgency(held),
    )


def _known_claims(only: Sequence[int]) -> Answer[list[RecordState]]:
    """Those of the records that still carry an MN id."""
    records = claims_of(only)
    if not records:
        return Answer([], 0)
    answer = ask(lambda client: client.audit.read_states(records), urgency=Urgency.CLICK)
    return Answer([each for each in answer.found.values() if _carried(each)], answer.calls)


def _carried(state: RecordState) -> str:
    return state.opportunity.mn_id or ""


def _row(state: RecordState, known: Known | None) -> Row:
    mn_id, record = _carried(state), state.opportunity
    claimed = known.claimed if known else Claimed(mn_id, is_known=False)
    return Row(
        rule.judge_claim(ClaimFacts(state, claimed)),
        record.salesforce_id,
        mn_id,
        record.name,
        opportunity_id=known.pk if known else None,
        state=state,
        currency=record.currency or (known.currency if known else ""),
    )
