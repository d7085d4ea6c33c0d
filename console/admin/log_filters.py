"""The sync log's filters, and which entries still need somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from console.admin.filters import choice_filter, column_filter
from console.admin.wording import OUTCOMES, in_words, sentence_case
from console.models import SyncLog
from console.replay import RULES
from syncrules.reasons import CATALOGUE, Outcome, Owner, Reason

Entries = QuerySet[SyncLog]

FLOWS: Final = tuple(RULES)
"""Those that keep entries."""
PERIODS: Final = {
    "1h": ("Last hour", timedelta(hours=1)),
    "24h": ("Last 24 hours", timedelta(hours=24)),
    "7d": ("Last 7 days", timedelta(days=7)),
    "30d": ("Last 30 days", timedelta(days=30)),
}

# Somebody can do something about these. An opportunity that is linked already is no gap.
ACTIONABLE: Final = frozenset(
    reason
    for reason, text in CATALOGUE.items()
    if text.outcome in (Outcome.SKIPPED, Outcome.FAILED)
    and text.owner is not Owner.NOBODY
    and reason is not Reason.OPPORTUNITY_ALREADY_LINKED
)


def within(entries: Entries, period: str) -> Entries:
    return entries.filter(created_at__gte=timezone.now() - PERIODS[period][1])


def needs_somebody(entries: Entries) -> Entries:
    """The failed and skipped ones that nothing has overtaken: no later attempt of the same flow
    for the same opportunity, or, where none was found, for the same record."""
    later = SyncLog.objects.filter(flow=OuterRef("flow"), pk__gt=OuterRef("pk"))
    of_opportunity = later.filter(opportunity_id=OuterRef("opportunity_id"))
    of_record = later.filter(salesforce_id=OuterRef("salesforce_id"))
    return entries.filter(
        ~Exists(of_opportunity),
        Q(salesforce_id="") | ~Exists(of_record),
        reason__in=ACTIONABLE,
        outcome__in=(Outcome.FAILED, Outcome.SKIPPED),  # as the index of these entries has it
    )


def _fixed_by(entries: Entries, owner: str) -> Entries:
    theirs = [reason for reason, text in CATALOGUE.items() if text.owner == owner]
    return entries.filter(reason__in=theirs)


FILTERS: Final = (
    column_filter("outcome", [(outcome.value, OUTCOMES[outcome][0]) for outcome in Outcome]),
    choice_filter(
        "since", [(key, words) for key, (words, _) in PERIODS.items()], within, title="time"
    ),
    choice_filter(
        "open",
        [("yes", "Still needs somebody")],
        lambda entries, _: needs_somebody(entries),
        title="attention",
    ),
    column_filter("flow", [(flow, in_words(flow)) for flow in FLOWS]),
    choice_filter(
        "owner",
        [(owner.value, sentence_case(owner)) for owner in Owner],
        _fixed_by,
        title="who can fix it",
    ),
    column_filter("reason", [(reason.value, text.title) for reason, text in CATALOGUE.items()]),
)
