"""What must hold of every history, whatever went wrong in it: I1 to I18 of the push engine.

Each function gives a sentence for every violation, with the evidence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from console.claims import RESTING
from syncrules import retry
from syncrules.facts import MN_ID_FIELD
from syncrules.reasons import Reason
from tests.deal import ITEM_ID
from tests.faults.history import History
from tests.faults.transitions import Step

Violations = Iterator[str]

_COLLECTION: Final = 200
_PER_COMPOSITE: Final = 5
_LONGEST_WAIT: Final = timedelta(minutes=15)
_SLOW: Final = timedelta(seconds=30)
"""A claim of thousands may take longer than the short leases of tests."""
_CLOCK: Final = timedelta(milliseconds=2)
"""The org's journal names milliseconds."""

ARROWS: Final = {
    (None, "queued"),
    ("queued", "sending"),
    ("queued", "held"),
    ("queued", "queued"),
    ("held", "queued"),
    ("held", "held"),
    ("parked", "queued"),
    ("sending", "sending"),
    *(("sending", each) for each in ("sent", "skipped", "queued", "parked", "held", "superseded")),
}
INNOCENT: Final = (
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "CONNECTION_FAILED",
    "HTTP_5",
    "INVALID_SESSION_ID",
    "NOT_JSON",
    "PROCESSING_HALTED",
    "REQUEST_LIMIT_EXCEEDED",
    "SERVER_UNAVAILABLE",
    "TIMEOUT",
    "TOO_MANY_APEX_REQUESTS",
)
"""How the words begin of what no record can help."""


def nothing_is_lost(history: History) -> Violations:
    """I1, I4: Salesforce holds what is committed, or a push that was set aside says why not."""
    excused = {each.opportunity for each in history.waiting if each.state in ("parked", "held")}
    for deal in history.deals:
        record = history.records.get(deal.salesforce_id)
        if deal.opportunity_id in excused:
            continue
        if record is None or (record.mn_id, record.quote) != (deal.mn_id, deal.present.record):
            yield f"I1 lost: {history.about(deal)}"
        elif history.syncs_products and record.items != deal.present.items:
            yield f"I7 other products than the quote has: {history.about(deal)}"


def nothing_is_made_up(history: History) -> Violations:
    """I2: every value that was written had been committed, or was just being."""
    by_record = {deal.salesforce_id: deal for deal in history.deals}
    for write in history.writes:
        if not write.is_of_deal:
            continue
        deal = by_record.get(write.record)
        if deal is None:
            yield f"I2 a record that is nobody's was written: {write}"
            continue
        since = {each.version.record: each.since for each in reversed(deal.commits)}
        committed = since.get(write.quote or "")
        if write.quote and (committed is None or write.at < committed - _CLOCK):
            yield f"I2 not committed before {write}: {history.about(deal)}"
        if write.after.get(MN_ID_FIELD, deal.mn_id) != deal.mn_id:
            yield f"I2 another's id in {write}: {history.about(deal)}"


def versions_only_grow(history: History) -> Violations:
    """I3: nothing older replaces something newer, unless it was sent by a worker that had stood
    still, or was given up on the way; then it is noticed, and what is newer comes back."""
    covered = ended_unknown(history)
    for deal in history.deals:
        places = {each.version.record: place for place, each in enumerate(deal.commits)}
        told = [places.get(each.quote or "", -1) for each in history.writes_to(deal) if each.quote]
        backwards = [one for one in pairwise(told) if one[1] < one[0]]
        if backwards and (deal.opportunity_id not in covered or told[-1] < max(told)):
            yield f"I3 versions {told} go backwards: {history.about(deal)}"


def leases_exclude_one_another(history: History) -> Violations:
    """I5: a push is in one pair of hands, an account in one batch; fences only rise."""
    last: dict[int, int] = {}
    for step in history.steps:
        if step.is_takeover and step.lease_until is not None and step.at < step.lease_until:
            yield f"I5 taken over in its lease: {step}"
        if step.is_claim and (step.held_until is None or step.held_until < step.at - _SLOW):
            yield f"I5 a lease that is over as it begins: {step}"
        if step.fence != step.was_fence + step.is_claim or step.fence < last.get(step.push, 0):
            yield f"I5 a fence that jumps: {step}"
        last[step.push] = step.fence
    for account, spans in _spans(history.steps).items():
        for earlier, later in pairwise(sorted(spans)):
            if later[0] < earlier[1] and later[2] != earlier[2]:
                yield f"I5 account {account} was in two batches at once: {earlier} {later}"


def _spans(steps: Sequence[Step]) -> dict[int, set[tuple[datetime, datetime, int]]]:
    """By account: when something of it was being sent, and the transaction that claimed it.

    Not what was given up on the way: it lets its account go, and nobody knows when.
    """
    open_claims: dict[int, Step] = {}
    spans: dict[int, set[tuple[datetime, datetime, int]]] = defaultdict(set)
    for step in steps:
        claim = open_claims.pop(step.push, None)
        is_given_up = step.was_owner.startswith(RESTING)
        if claim is not None and step.was == "sending" and not is_given_up:
            end = min(step.at, step.lease_until or step.at)
            spans[step.account].add((claim.at, end, claim.txid))
        if step.is_claim:
            open_claims[step.push] = step
    return spans


def ended_unknown(history: History) -> Counter[int]:
    """By opportunity: attempts of which nobody could know what they had done."""
    unknown = Counter(each.opportunity for each in history.steps if each.is_takeover)
    return unknown + Counter(
        each.opportunity
        for each in history.entries
        if each.has_sent and each.reason in (Reason.WILL_BE_RETRIED, Reason.UNEXPECTED_ERROR)
    )


def duplicates_have_a_cause(history: History) -> Violations:
    """I6: a version is written again only where nobody could know how the attempt before ended."""
    unknown = ended_unknown(history)
    for deal in history.deals:
        written = Counter(each.quote for each in history.writes_to(deal) if each.quote)
        for quote, times in written.items():
            if times > 1 + unknown[deal.opportunity_id]:
                yield f"I6 {quote} was written {times} times: {history.about(deal)}"


def no_line_is_twice(history: History) -> Violations:
    """I7: at no moment two products of one quote item."""
    living: dict[tuple[str, str], set[str]] = defaultdict(set)
    for write in history.writes:
        if write.object != "OpportunityLineItem" or write.action not in ("create", "delete"):
            continue
        values = write.after if write.action == "create" else write.before
        key = (values["OpportunityId"], values.get(ITEM_ID) or "")
        if write.action == "delete":
            living[key].discard(write.record)
        else:
            living[key].add(write.record)
            if len(living[key]) > 1:
                yield f"I7 a second product of {key}: {write}"


def what_is_skipped_sends_nothing(history: History) -> Violations:
    """I9: skipped is not failed, and says so before anything is sent."""
    for entry in history.entries:
        if entry.outcome == "skipped" and entry.has_sent:
            yield f"I9 skipped after sending: {entry}"


def every_claim_comes_to_one_end(history: History) -> Violations:
    """I12: only the drawn arrows are taken, and nothing is left in anybody's hands."""
    for step in history.steps:
        if (step.was, step.state) not in ARROWS:
            yield f"I12 no such arrow: {step}"
    for push in history.waiting:
        if push.state == "sending":
            yield f"I12 left in somebody's hands: {push}"


def attempts_are_burnt_for_a_reason(history: History) -> Violations:
    """I13, I14: only what a record may be guilty of counts, and waits are bounded."""
    for step in history.steps:
        if step.attempts > step.was_attempts:
            is_innocent = step.detail.startswith(INNOCENT)
            if not step.is_ending or step.attempts > step.was_attempts + 1 or is_innocent:
                yield f"I13 an attempt was burnt: {step}"
        is_exhausted = step.state == "parked" and step.reason == Reason.RETRIES_EXHAUSTED
        if is_exhausted and step.attempts < retry.MAX_ATTEMPTS:
            yield f"I13 given up early: {step}"
        if step.is_ending and step.state == "queued":
            wait = step.not_before - step.at
            if not -timedelta(seconds=10) <= wait <= _LONGEST_WAIT:
                yield f"I14 waits {wait}: {step}"


def every_attempt_is_told_once(history: History) -> Violations:
    """I16: an entry for each ending; before it one for the attempt that was lost, if one was."""
    endings: Counter[int] = Counter()
    losses: Counter[int] = Counter()
    was_lost: dict[int, bool] = {}
    for step in history.steps:
        if step.is_claim:
            was_lost[step.push] = step.is_takeover
        elif step.is_ending:
            endings[step.push] += 1
            losses[step.push] += was_lost.pop(step.push, False)
    told = Counter(e.push for e in history.entries if e.reason != Reason.OUTCOME_UNKNOWN)
    lost = Counter(e.push for e in history.entries if e.reason == Reason.OUTCOME_UNKNOWN)
    for push in endings.keys() | told.keys() | lost.keys():
        if (told[push], lost[push]) != (endings[push], losses[push]):
            yield (
                f"I16 push {push} ended {endings[push]} times, {losses[push]} after a loss; told"
                f" {told[push]} and {lost[push]}: "
                + "\n    ".join(str(each) for each in history.steps if each.push == push)
            )
    for entry in history.entries:
        if any(secret in entry.text for secret in history.secrets):
            yield f"I16 a secret stands in {entry}"


def batches_have_salesforces_size(history: History) -> Violations:
    """I18: 1 to 200 records a collection, five collections a call, no record twice in one."""
    for request in history.requests:
        sizes = request["collections"]
        if len(sizes) > _PER_COMPOSITE or any(not 1 <= each <= _COLLECTION for each in sizes):
            yield f"I18 collections of {sizes}: {request}"
    twice = Counter((each.request, each.record) for each in history.writes if each.is_of_deal)
    for (request_id, record), times in twice.items():
        if times > 1:
            yield f"I18 {record} was {times} times in request {request_id}"


INVARIANTS: Final[Sequence[Callable[[History], Violations]]] = (
    nothing_is_lost,
    nothing_is_made_up,
    versions_only_grow,
    leases_exclude_one_another,
    duplicates_have_a_cause,
    no_line_is_twice,
    what_is_skipped_sends_nothing,
    every_claim_comes_to_one_end,
    attempts_are_burnt_for_a_reason,
    every_attempt_is_told_once,
    batches_have_salesforces_size,
)


def violations(history: History) -> list[str]:
    """What does not hold, and why."""
    return [each for invariant in INVARIANTS for each in invariant(history)]
