"""What happened to a thing lately, and what still waits for it. All bounded, all by index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse

from console.explain.answer import Kind, LogLine, Subject, Wait
from console.explain.verdict import Verdict
from console.models import Opportunity, OutboundPush, SyncLog, Waiting
from syncrules.reasons import CATALOGUE, Outcome, Reason

ENTRIES: Final = 10
_OPPORTUNITIES_OF_ACCOUNT: Final = 50
_COLUMNS: Final = ("created_at", "flow", "outcome", "reason", "actor_name")

_PUSHES: Final = {
    OutboundPush.State.QUEUED: "goes out by itself, not before {not_before:%d %b %Y %H:%M:%S} UTC",
    OutboundPush.State.SENDING: "is in a worker's hands",
    OutboundPush.State.HELD: "waits until Salesforce is connected again, then goes out by itself",
    OutboundPush.State.PARKED: "was set aside and waits for somebody: {reason}",
}


def lately(subject: Subject, verdict: Verdict) -> tuple[LogLine, ...]:
    """The newest log entries of the thing.

    One short question per index: an OR of them could make the planner walk the whole log.
    """
    found: dict[int, SyncLog] = {}
    for rows in _entries(subject, verdict):
        newest = rows.only(*_COLUMNS).order_by("-pk")[:ENTRIES]
        found |= {entry.pk: entry for entry in newest}
    return tuple(_line(found[pk]) for pk in sorted(found, reverse=True)[:ENTRIES])


def _entries(subject: Subject, verdict: Verdict) -> Iterator[QuerySet[SyncLog]]:
    if subject.kind is Kind.QUOTE:
        if verdict.quote is not None:
            yield SyncLog.objects.filter(quote_mn_id=subject.id)
    elif subject.kind in (Kind.ACCOUNT, Kind.SALESFORCE_ACCOUNT):
        rows = Opportunity.objects.filter(account=verdict.account).order_by("-pk")
        ids = list(rows.values_list("pk", flat=True)[:_OPPORTUNITIES_OF_ACCOUNT])
        yield SyncLog.objects.filter(opportunity_id__in=ids)
    else:
        if verdict.salesforce_id:
            yield SyncLog.objects.filter(salesforce_id=verdict.salesforce_id)
        if verdict.opportunity is not None:
            yield SyncLog.objects.filter(opportunity_id=verdict.opportunity.pk)


def _line(entry: SyncLog) -> LogLine:
    return LogLine(
        entry=entry.pk,
        at=entry.created_at,
        flow=entry.flow,
        outcome=Outcome(entry.outcome),
        title=_title(entry.reason),
        actor=entry.actor_name,
        page=reverse("admin:console_synclog_change", args=[entry.pk]),
    )


def waits(verdict: Verdict) -> tuple[Wait, ...]:
    """The push that waits or is under way, and attempts that wait for a prerequisite."""
    subjects = [verdict.salesforce_id] if verdict.salesforce_id else []
    found: list[Wait] = []
    if verdict.opportunity is not None:
        subjects.append(verdict.opportunity.mn_id)
        states = (*OutboundPush.WAITING, OutboundPush.State.SENDING)
        pushes = OutboundPush.objects.filter(opportunity=verdict.opportunity, state__in=states)
        found += [_push(push) for push in pushes.order_by("pk")]
    return (*found, *_attempts(subjects))


def _push(push: OutboundPush) -> Wait:
    sentence = _PUSHES[OutboundPush.State(push.state)].format(
        not_before=push.not_before, reason=_title(push.reason)
    )
    return Wait(
        what=f"push {push.pk}",
        state=push.state,
        sentence=f"Push {push.pk} ({push.get_lane_display()}) {sentence}.",
        since=push.requested_at,
        page=reverse("admin:console_outboundpush_change", args=[push.pk]),
    )


def _attempts(subjects: Iterable[str]) -> Iterator[Wait]:
    states = (Waiting.State.WAITING, Waiting.State.RELEASED)
    for row in Waiting.objects.filter(subject__in=list(subjects), state__in=states).order_by("pk"):
        flow = row.flow.replace("_", " ")
        tail = "runs next" if row.state == Waiting.State.RELEASED else "runs again by itself then"
        yield Wait(
            what=row.flow,
            state=row.state,
            sentence=f"“{flow}” waits for {row.prerequisite.replace('_', ' ')} {row.key}; {tail}.",
            since=row.since,
            page=reverse("admin:console_synclog_change", args=[row.waiting_entry]),
        )


def _title(reason: str) -> str:
    try:
        return CATALOGUE[Reason(reason)].title
    except ValueError:
        return reason
