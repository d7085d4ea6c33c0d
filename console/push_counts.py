"""What a recorded batch of pushes adds to the metrics."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from console import tallies
from console.claims import Claim
from console.endings import Ending, State
from syncrules.decisions import Decision
from syncrules.reasons import Reason

RETRIES: Final = "retries"
STRIKES: Final = "strikes"
QUARANTINED: Final = "quarantined"
TAKEN_OVER: Final = "taken_over"


def note(ended: Iterable[tuple[Claim, Decision, Ending]], *, seconds: float) -> None:
    """Counts them. `seconds`: from the claim until they were recorded.

    Call after the transaction.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    timed: defaultdict[tuple[str, ...], float] = defaultdict(float)
    lanes: set[str] = set()
    for claim, decision, ending in ended:
        lanes.add(claim.lane)
        counts[tallies.of_decision(decision)] += 1
        counts[TAKEN_OVER, claim.lane] += claim.lost_by is not None
        if ending.state == State.SENT:
            kind, took = (claim.lane, str(claim.urgency)), claim.waited + seconds
            counts[tallies.PUSH_SECONDS, *kind, tallies.bucket(took, tallies.PUSH_BOUNDS)] += 1
            timed[f"{tallies.PUSH_SECONDS}_sum", *kind] += took
        else:
            counts[RETRIES, claim.lane] += ending.state == State.QUEUED
            counts[STRIKES, claim.lane] += ending.is_strike
            counts[QUARANTINED, claim.lane] += ending.reason is Reason.QUARANTINED
    for lane in lanes:
        counts[tallies.BATCH_SECONDS, lane, tallies.bucket(seconds, tallies.BATCH_BOUNDS)] += 1
        timed[f"{tallies.BATCH_SECONDS}_sum", lane] += seconds
    tallies.add({**+counts, **timed})
