"""Attempts that wait for something: noted with the log entry, and found again when it is there.

Asked for rather than announced: whoever makes a link or maps an account need not know who waits,
and nothing is lost when a process dies in between.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from console.models import Account, Association, Quote, SyncLog, Waiting
from syncrules.prerequisites import Awaited, Prerequisite

State = Waiting.State
_OPEN: Final = (State.WAITING, State.RELEASED)
PER_HOUR: Final = 5
_BATCH: Final = 200


def note(attempts: Sequence[tuple[SyncLog, str, Awaited | None]]) -> None:
    """Closes what the subjects waited for until these attempts, and notes what they wait for now.

    Shape: the entry of an attempt, its subject, what it waits for
    """
    ended = [
        {"flow": entry.flow, "subject": subject, "entry": entry.pk}
        for entry, subject, _ in attempts
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [json.dumps(ended)])
    Waiting.objects.bulk_create(
        Waiting(
            flow=entry.flow,
            subject=subject,
            prerequisite=awaited.prerequisite,
            key=awaited.key,
            waiting_entry=entry.pk,
        )
        for entry, subject, awaited in attempts
        if awaited is not None
    )


_CLOSE: Final = """
UPDATE console_waiting AS waiting
SET state = CASE waiting.state WHEN 'released' THEN 'done' ELSE 'dropped' END,
    released_entry = ended.entry
FROM jsonb_to_recordset(%s::jsonb) AS ended (flow text, subject text, entry bigint)
WHERE waiting.flow = ended.flow AND waiting.subject = ended.subject
  AND waiting.state IN ('waiting', 'released')
"""


def still_open(subjects: Collection[str | None]) -> set[tuple[str, str]]:
    """Flow and subject of the attempts that wait, among these subjects."""
    rows = Waiting.objects.filter(subject__any_of=subjects, state__in=_OPEN)
    return set(rows.values_list("flow", "subject"))


def release_fulfilled(*, is_connected: bool) -> int:
    """How many waiting attempts may run again, since what they waited for is there.

    The quote records are asked of Salesforce and released by `release_for_quote_records`.
    """
    there = {
        Prerequisite.QUOTE: Exists(Quote.objects.filter(mn_id=OuterRef("key"))),
        Prerequisite.QUOTE_OF_OPPORTUNITY: Exists(
            Quote.objects.filter(mn_id=OuterRef("key"), opportunity__isnull=False)
        ),
        Prerequisite.ACCOUNT: Exists(Account.objects.filter(salesforce_id=OuterRef("key"))),
        Prerequisite.LINK: Exists(
            Association.objects.filter(opportunity__mn_id=OuterRef("key"), ended_at__isnull=True)
        ),
    }
    released = sum(
        _release(_waiting_for(prerequisite).filter(condition))
        for prerequisite, condition in there.items()
    )
    if is_connected:
        released += _release(_waiting_for(Prerequisite.CONNECTION))
    return released


def awaited_quote_records() -> set[str]:
    """MN ids of quotes whose record in Salesforce somebody waits for."""
    keys = _waiting_for(Prerequisite.QUOTE_RECORD).values_list("key", flat=True)
    return set(keys.distinct()[:_BATCH])


def release_for_quote_records(mn_ids: set[str]) -> int:
    """How many attempts may run again, since Salesforce has these quotes now."""
    return _release(_waiting_for(Prerequisite.QUOTE_RECORD).filter(key__in=mn_ids))


def _waiting_for(prerequisite: Prerequisite) -> QuerySet[Waiting]:
    return Waiting.objects.filter(state=State.WAITING, prerequisite=prerequisite)


def _release(waiting: QuerySet[Waiting]) -> int:
    """A subject that was released often within the hour stays: something else is wrong with it."""
    rows = list(waiting.order_by("pk")[:_BATCH])
    often = _released_too_often({row.subject for row in rows})
    chosen = [row.pk for row in rows if (row.flow, row.subject) not in often]
    return Waiting.objects.filter(pk__in=chosen, state=State.WAITING).update(
        state=State.RELEASED, released_at=Now()
    )


def _released_too_often(subjects: set[str]) -> set[tuple[str, str]]:
    recent = Waiting.objects.filter(
        subject__in=subjects, released_at__gt=Now() - timedelta(hours=1)
    )
    counts = recent.values("flow", "subject").annotate(n=Count("pk")).filter(Q(n__gte=PER_HOUR))
    return {(each["flow"], each["subject"]) for each in counts}


def released() -> list[Waiting]:
    """The attempts that may run again, the longest waiting first."""
    return list(Waiting.objects.filter(state=State.RELEASED).order_by("pk")[:_BATCH])


def entry_under_lock(waiting_id: int) -> SyncLog | None:
    """The log entry of an attempt that was quicker than the released one, or was the same. Until
    the transaction ends, nobody else can close it."""
    row = Waiting.objects.select_for_update().get(pk=waiting_id)
    return SyncLog.objects.get(pk=row.released_entry) if row.released_entry else None
