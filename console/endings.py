"""Where a push goes after an attempt, whichever lane it is in, and how that is recorded.

Only who holds the newest fence may record an ending. All times are the database's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Protocol

from django.conf import settings
from django.db import connection

from console import strikes
from console.claims import Claim
from console.models import OutboundPush
from console.models.outbound_push import PushState, PushUrgency
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
    is_unsure: bool = False


_STATES: Final[Mapping[Outcome, PushState]] = {
    Outcome.DONE: State.SENT,
    Outcome.NOTHING_TO_DO: State.SENT,
    Outcome.SKIPPED: State.SKIPPED,
    Outcome.FAILED: State.PARKED,
    Outcome.DEFERRED: State.HELD,
}


def after_trouble(
    error: SalesforceError, claim: Claim, *, whole: retry.Whole | None = None
) -> retry.Afterwards:
    """What becomes of a claimed push that met this trouble, in a call that failed as a `whole`, or
    by itself."""
    afterwards = retry.after_trouble(
        error.trouble,
        attempts=claim.attempts,
        strikes=claim.strikes.count if claim.strikes else 0,
        whole=whole,
        jitter=random.random(),  # noqa: S311  spreads retries; guards nothing
    )
    is_write = whole is not None and whole.call is retry.Call.WRITE
    return replace(afterwards, is_unsure=is_write and error.is_unanswered)


class Written(Protocol):
    """What became of one record, of either lane."""

    @property
    def sent(self) -> Sized: ...

    @property
    def is_whole(self) -> bool: ...


def whole(result: Written, *, together: int) -> retry.Whole | None:
    """The call that failed with this record and others; None when the record has its own answer."""
    if not result.sent:  # given up before it was its turn
        return retry.Whole(retry.Call.READ, together)
    return retry.Whole(retry.Call.WRITE, together) if result.is_whole else None


def told(error: SalesforceError, afterwards: retry.Afterwards) -> TroubleFact:
    """The trouble as a rule may know it."""
    return TroubleFact(afterwards.reason, error.code, error.words)


def ending(decision: Decision, afterwards: retry.Afterwards | None, *, detail: str) -> Ending:
    """The state a push goes to. `afterwards`: what its trouble asks for, if it met one."""
    if afterwards is None:
        return Ending(_STATES[decision.outcome], decision.reason, detail=detail)
    waits = decision.outcome is Outcome.DEFERRED
    is_queued = waits and afterwards.next is not retry.Next.HOLD
    return Ending(
        state=State.QUEUED if is_queued else _STATES[decision.outcome],
        reason=decision.reason,
        detail=detail,
        delay=afterwards.delay if waits else timedelta(0),
        burns_attempt=afterwards.burns_attempt,
        is_strike=waits and afterwards.is_strike,
        is_unsure=afterwards.is_unsure,
    )


def combined(troubles: Iterable[retry.Afterwards]) -> retry.Afterwards | None:
    """What several troubles of one push ask for: what passes by itself is waited for longest.

    Whatever was refused for good beside it is sent again then, and refused again.
    """
    met = list(troubles)
    for outlook in (retry.Next.HOLD, retry.Next.RETRY, retry.Next.PARK):
        alike = [each for each in met if each.next is outlook]
        if alike:
            longest = max(alike, key=lambda each: (each.burns_attempt, each.delay))
            return replace(
                longest,
                is_strike=any(each.is_strike for each in alike),
                is_unsure=any(each.is_unsure for each in met),
            )
    return None


# A push that should wait although a newer one waits already is superseded by it, which inherits its
# strikes: whoever takes its neighbours along does so however often it is edited.
_FINISH: Final = f"""
WITH ended AS (
  SELECT ending.*,
         CASE WHEN ending.waits AND EXISTS (
                SELECT 1 FROM console_outboundpush AS newer
                WHERE newer.opportunity_id = push.opportunity_id AND newer.lane = push.lane
                  AND newer.state IN ('queued', 'held', 'parked'))
              THEN 'superseded' ELSE ending.state END AS becomes
  FROM jsonb_to_recordset(%s::jsonb) AS ending (
    id bigint, fence bigint, state text, waits boolean, reason text, detail text,
    delay float8, burns int, strikes int, is_unsure boolean
  )
  JOIN console_outboundpush AS push ON push.id = ending.id
),
finished AS (
UPDATE console_outboundpush AS push
SET state = ended.becomes,
    reason = ended.reason,
    detail = ended.detail,
    attempts = attempts + ended.burns,
    strikes = CASE ended.strikes WHEN 1 THEN {strikes.ONE_MORE} ELSE push.strikes END,
    struck_at = coalesce(push.struck_at, CASE ended.strikes WHEN 1 THEN statement_timestamp() END),
    not_before = CASE WHEN ended.waits
                      THEN statement_timestamp() + make_interval(secs => ended.delay)
                      ELSE not_before END,
    finished_at = CASE WHEN ended.becomes = ended.state AND ended.waits THEN NULL
                       ELSE statement_timestamp() END,
    unsure_until = CASE WHEN ended.is_unsure
                        THEN greatest(push.unsure_until, statement_timestamp() + %s::interval)
                        ELSE push.unsure_until END,
    lease_until = NULL
FROM ended
WHERE push.id = ended.id AND push.fence = ended.fence AND push.state = 'sending'
RETURNING push.*
),
heirs AS (
UPDATE console_outboundpush AS newer
SET strikes = greatest(newer.strikes, finished.strikes),
    struck_at = coalesce(finished.struck_at, newer.struck_at)
FROM finished
WHERE finished.state = 'superseded' AND finished.strikes > 0
  AND newer.opportunity_id = finished.opportunity_id AND newer.lane = finished.lane
  AND newer.state IN ('queued', 'held', 'parked')
)
SELECT id, unsure_until > statement_timestamp() AND finished_at IS NOT NULL FROM finished
"""  # noqa: S608  our own text

# A write to which no answer came, or of a worker that was lost, may be carried out later than the
# one that followed it. When it cannot any more, Salesforce is looked at once more.
_LOOK_AGAIN: Final = """
INSERT INTO console_outboundpush AS waiting (
  opportunity_id, lane, urgency, state, trigger, actor_name, requests, covers, requested_at,
  not_before, unsure_until, attempts, strikes, claimed_by, fence, reason, detail
)
SELECT opportunity_id, lane, %s, 'queued', 'late_write', actor_name, 1, '[]',
       statement_timestamp(), unsure_until, unsure_until, 0, 0, '', 0, '', ''
FROM console_outboundpush
WHERE id = ANY(%s)
ON CONFLICT (opportunity_id, lane) WHERE state IN ('queued', 'held', 'parked')
DO UPDATE SET unsure_until = greatest(waiting.unsure_until, excluded.unsure_until)
"""


def finish(endings: Iterable[tuple[Claim, Ending]]) -> set[int]:
    """The pushes whose ending was recorded; not those that another worker has taken over.

    Call with the opportunities locked.
    """
    rows = [_row(claim, ending) for claim, ending in endings]
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [json.dumps(rows), str(settings.SALESFORCE_LONGEST)])
        recorded = dict(cursor.fetchall())
        unsure = [push_id for push_id, is_unsure in recorded.items() if is_unsure]
        if unsure:
            cursor.execute(_LOOK_AGAIN, [PushUrgency.BULK, unsure])
    return set(recorded)


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
        "is_unsure": ending.is_unsure,
    }
