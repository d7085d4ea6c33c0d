"""Where a push goes after an attempt, whichever lane it is in."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Final

from console import outbox
from console.models import OutboundPush
from console.models.outbound_push import PushState
from console.salesforce.gateway import SalesforceError
from syncrules import retry
from syncrules.decisions import Decision
from syncrules.facts import TroubleFact
from syncrules.reasons import Outcome

State = OutboundPush.State

_STATES: Final[Mapping[Outcome, PushState]] = {
    Outcome.DONE: State.SENT,
    Outcome.NOTHING_TO_DO: State.SENT,
    Outcome.SKIPPED: State.SKIPPED,
    Outcome.FAILED: State.PARKED,
    Outcome.DEFERRED: State.HELD,
}


def after_trouble(error: SalesforceError, claim: outbox.Claim) -> retry.Afterwards:
    """What becomes of a claimed push that met this trouble."""
    jitter = random.random()  # noqa: S311  spreads retries; guards nothing
    return retry.after_trouble(error.trouble, attempts=claim.attempts, jitter=jitter)


def told(error: SalesforceError, afterwards: retry.Afterwards) -> TroubleFact:
    """The trouble as a rule may know it."""
    return TroubleFact(afterwards.reason, error.code, error.words)


def ending(
    decision: Decision, afterwards: retry.Afterwards | None, *, detail: str
) -> outbox.Ending:
    """The state a push goes to. `afterwards`: what its trouble asks for, if it met one."""
    if decision.outcome is Outcome.DEFERRED and afterwards is not None:
        is_held = afterwards.next is retry.Next.HOLD
        return outbox.Ending(
            state=State.HELD if is_held else State.QUEUED,
            reason=decision.reason,
            detail=detail,
            delay=afterwards.delay,
            burns_attempt=afterwards.burns_attempt,
        )
    return outbox.Ending(_STATES[decision.outcome], decision.reason, detail=detail)


def together(troubles: Iterable[retry.Afterwards]) -> retry.Afterwards | None:
    """What several troubles of one push ask for: what passes by itself is waited for longest.

    Whatever was refused for good beside it is sent again then, and refused again.
    """
    met = list(troubles)
    for outlook in (retry.Next.HOLD, retry.Next.RETRY, retry.Next.PARK):
        alike = [each for each in met if each.next is outlook]
        if alike:
            return max(alike, key=lambda each: (each.burns_attempt, each.delay))
    return None
