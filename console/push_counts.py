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
    items = list(ended)
    counts: Counter[tuple[str, ...]] = Counter(tallies.of_decision(each) for _, each, _ in items)
    counts.update((TAKEN_OVER, claim.lane) for claim, _, _ in items if claim.lost_by is not None)
    counts.update((RETRIES, claim.lane) for claim, _, end in items if end.state == State.QUEUED)
    counts.update((STRIKES, claim.lane) for claim, _, end in items if end.is_strike)
    counts.update(
        (QUARANTINED, claim.lane) for claim, _, end in items if end.reason is Reason.QUARANTINED
    )
    timed: dict[tuple[str, ...], float] = {}
    took: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for claim, _, end in items:
        if end.state == State.SENT:
            took[claim.lane, claim.urgency].append(claim.waited + seconds)
    for (lane, urgency), times in took.items():
        kind = (lane, str(urgency))
        timed[f"{tallies.PUSH_SECONDS}_sum", *kind] = sum(times)
        counts.update(
            (tallies.PUSH_SECONDS, *kind, tallies.bucket(each, tallies.PUSH_BOUNDS))
            for each in times
        )
    for lane in {claim.lane for claim, _, _ in items}:
        counts[tallies.BATCH_SECONDS, lane, tallies.bucket(seconds, tallies.BATCH_BOUNDS)] += 1
        timed[f"{tallies.BATCH_SECONDS}_sum", lane] = seconds
    tallies.add({**counts, **timed})
