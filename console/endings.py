"""Where a push goes after an attempt, whichever lane it is in, and how that is recorded.

Only who holds the newest fence may record an ending. All times are the database's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from django.db import connection

from console.claims import Claim
from console.models import OutboundPush
from console.models.outbound_push import PushState
from console.salesforce.gateway import SalesforceError
from syncrules import retry
from syncrules.decisions import Decision
from syncrules.facts import TroubleFact
from syncrules.reasons import Outcome, Reason

State = OutboundPush.State


@dataclass(frozen=True, slots=True)
class Ending:
    """How a claimed push ends: the state it goes to, why, and when again if queued."""

    state: PushState
    reason: Reason
    detail: str = ""
    delay: timedelta = timedelta(0)
    burns_attempt: bool = False
    is_strike: bool = False


_STATES: Final[Mapping[Outcome, PushState]] = {
    Outcome.DONE: State.SENT,
    Outcome.NOTHING_TO_DO: State.SENT,
    Outcome.SKIPPED: State.SKIPPED,
    Outcome.FAILED: State.PARKED,
    Outcome.DEFERRED: State.HELD,
}


def after_trouble(
    error: SalesforceError, claim: Claim, *, together: int | None = None
) -> retry.Afterwards:
    """What becomes of a claimed push that met this trouble.

    `together`: with how many records it was in a write call that failed as a whole.
    """
    return retry.after_trouble(
        error.trouble,
        attempts=claim.attempts,
        strikes=claim.strikes.count if claim.strikes else 0,
        together=together,
        jitter=random.random(),  # noqa: S311  spreads retries; guards nothing
    )


def told(error: SalesforceError, afterwards: retry.Afterwards) -> TroubleFact:
    """The trouble as a rule may know it."""
    return TroubleFact(afterwards.reason, error.code, error.words)


def ending(decision: Decision, afterwards: retry.Afterwards | None, *, detail: str) -> Ending:
    """The state a push goes to. `afterwards`: what its trouble asks for, if it met one."""
    if decision.outcome is Outcome.DEFERRED and afterwards is not None:
        is_held = afterwards.next is retry.Next.HOLD
        return Ending(
            state=State.HELD if is_held else State.QUEUED,
            reason=decision.reason,
            detail=detail,
            delay=afterwards.delay,
            burns_attempt=afterwards.burns_attempt,
            is_strike=afterwards.is_strike,
        )
    return Ending(_STATES[decision.outcome], decision.reason, detail=detail)


def combined(troubles: Iterable[retry.Afterwards]) -> retry.Afterwards | None:
    """What several troubles of one push ask for: what passes by itself is waited for longest.

    Whatever was refused for good beside it is sent again then, and refused again.
    """
    met = list(troubles)
    for outlook in (retry.Next.HOLD, retry.Next.RETRY, retry.Next.PARK):
        alike = [each for each in met if each.next is outlook]
        if alike:
            longest = max(alike, key=lambda each: (each.burns_attempt, each.delay))
            return replace(longest, is_strike=any(each.is_strike for each in alike))
    return None


# A push that should wait although a newer one waits already is superseded by it.
_FINISH: Final = """
WITH ended AS (
  SELECT ending.*,
         CASE WHEN ending.waits AND EXISTS (
                SELECT 1 FROM console_outboundpush AS newer
                WHERE newer.opportunity_id = push.opportunity_id AND newer.lane = push.lane
                  AND newer.state IN ('queued', 'held', 'parked'))
              THEN 'superseded' ELSE ending.state END AS becomes
  FROM jsonb_to_recordset(%s::jsonb) AS ending (
    id bigint, fence bigint, state text, waits boolean, reason text, detail text,
    delay float8, burns int, strikes int
  )
  JOIN console_outboundpush AS push ON push.id = ending.id
)
UPDATE console_outboundpush AS push
SET state = ended.becomes,
    reason = ended.reason,
    detail = ended.detail,
    attempts = attempts + ended.burns,
    strikes = push.strikes + ended.strikes,
    struck_at = coalesce(push.struck_at, CASE ended.strikes WHEN 1 THEN statement_timestamp() END),
    not_before = CASE WHEN ended.waits
                      THEN statement_timestamp() + make_interval(secs => ended.delay)
                      ELSE not_before END,
    finished_at = CASE WHEN ended.becomes = ended.state AND ended.waits THEN NULL
                       ELSE statement_timestamp() END,
    lease_until = NULL
FROM ended
WHERE push.id = ended.id AND push.fence = ended.fence AND push.state = 'sending'
RETURNING push.id
"""


def finish(endings: Iterable[tuple[Claim, Ending]]) -> set[int]:
    """The pushes whose ending was recorded; not those that another worker has taken over.

    Call with the opportunities locked.
    """
    rows = [_row(claim, ending) for claim, ending in endings]
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [json.dumps(rows)])
        return {row[0] for row in cursor.fetchall()}


def _row(claim: Claim, ending: Ending) -> dict[str, Any]:
    return {
        "id": claim.push_id,
        "fence": claim.fence,
        "state": ending.state,
        "waits": ending.state in OutboundPush.WAITING,
        "reason": ending.reason,
        "detail": ending.detail,
        "delay": ending.delay.total_seconds(),
        "burns": int(ending.burns_attempt),
        "strikes": int(ending.is_strike),
    }
