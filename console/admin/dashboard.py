"""The overview: is Salesforce there, what waits, what happened, and what needs somebody?"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Count, Max, Min, Q, QuerySet
from django.http import HttpRequest

from console import connections
from console.admin import budget_card, drift_panel, log_filters, wording
from console.admin.base import list_of, page_of
from console.admin.opportunity_page import ENTRY_COLUMNS, entry_shown
from console.admin.parts import ago
from console.admin.sync_log import REMOTE_NAME
from console.models import OutboundPush, SyncLog
from syncrules.reasons import CATALOGUE, Outcome, Reason

ENTRIES_COUNTED: Final = 10_000
SUSPECTS_LOOKED_AT: Final = 2_000
PUSHES_COUNTED: Final = 5_000
ENTRIES_SHOWN: Final = 10

_QUEUE: Final = {
    OutboundPush.State.QUEUED: "go out by themselves",
    OutboundPush.State.SENDING: "in a worker's hands",
    OutboundPush.State.HELD: "wait for the connection",
    OutboundPush.State.PARKED: "wait for somebody",
}


def extend(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the overview shows; each part only to those who may see the list behind it."""
    if request.user.has_perm("console.view_synclog"):
        recent = _bounded(log_filters.within(SyncLog.objects.all(), "24h"))
        context |= {
            "outcomes": _outcomes(recent),
            "needs": _needs(),
            "suspects_looked_at": f"{SUSPECTS_LOOKED_AT:,}",
            "latest": [
                entry_shown(entry, subject=entry.opportunity_name or entry.remote_name or "")
                for entry in _latest()
            ],
        }
    if request.user.has_perm("console.view_outboundpush"):
        context["queue"] = _queue()
    if request.user.has_perm("console.view_drift"):
        context["drift"] = drift_panel.overview()
    context["connection"] = _connection(request)
    return context


def _connection(request: HttpRequest) -> dict[str, Any] | None:
    row = connections.in_force()
    if row is None:
        return None
    may_open = request.user.has_perm("console.view_salesforceconnection")
    return {
        "name": row.name,
        "state": wording.connection_badge(row.state),
        "since": ago(row.state_since),
        "detail": row.detail,
        "polled": ago(row.polled_until),
        "page": page_of(row) if may_open else "",
        **budget_card.card(row),
    }


def _queue() -> list[dict[str, Any]]:
    """How many pushes are in each state that is not the end, and the age of the oldest."""
    counted = Q()
    for state in _QUEUE:
        oldest = OutboundPush.objects.filter(state=state).order_by("pk")
        counted |= Q(pk__in=oldest.values("pk")[:PUSHES_COUNTED])
    rows = OutboundPush.objects.filter(counted).order_by().values("state")
    found = {row["state"]: row for row in rows.annotate(n=Count("pk"), first=Min("requested_at"))}
    return [
        {
            "badge": wording.push_badge(state),
            "meaning": meaning,
            "count": found[state]["n"] if state in found else 0,
            "is_capped": state in found and found[state]["n"] >= PUSHES_COUNTED,
            "oldest": ago(found[state]["first"]) if state in found else "",
            "address": list_of(OutboundPush, f"state={state.value}"),
        }
        for state, meaning in _QUEUE.items()
    ]


def _bounded(entries: QuerySet[SyncLog], *, limit: int = ENTRIES_COUNTED) -> QuerySet[SyncLog]:
    """The newest of them, few enough to be counted for a page."""
    newest = entries.order_by("-pk").values("pk")[:limit]
    return SyncLog.objects.filter(pk__in=newest).order_by()


def _outcomes(recent: QuerySet[SyncLog]) -> dict[str, Any]:
    """The last 24 hours by flow and by reason, from one query."""
    counted = recent.values("flow", "outcome", "reason").annotate(n=Count("pk"))
    rows: list[dict[str, Any]] = [{**row} for row in counted]
    total = sum(row["n"] for row in rows)
    return {
        "total_shown": f"{total:,}",
        "is_capped": total >= ENTRIES_COUNTED,
        "kinds": [wording.outcome_badge(outcome) for outcome in Outcome],
        "flows": [
            _flow_row(flow, rows)
            for flow in log_filters.FLOWS
            if any(row["flow"] == flow for row in rows)
        ],
        "reasons": _reason_rows(rows),
    }


def _flow_row(flow: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    def count(outcome: str) -> int:
        return sum(row["n"] for row in rows if (row["flow"], row["outcome"]) == (flow, outcome))

    return {
        "title": wording.in_words(flow),
        "cells": [
            {
                "count": count(outcome),
                "tone": wording.OUTCOMES[outcome][1],
                "address": list_of(SyncLog, f"flow={flow}&outcome={outcome.value}&since=24h"),
            }
            for outcome in Outcome
        ],
    }


def _reason_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["reason"]] = counts.get(row["reason"], 0) + row["n"]
    most_first = sorted(counts.items(), key=lambda item: -item[1])
    return [
        {
            "title": wording.reason_title(reason),
            "outcome": wording.outcome_badge(CATALOGUE[Reason(reason)].outcome),
            "count": count,
            "address": list_of(SyncLog, f"reason={reason}&since=24h"),
        }
        for reason, count in most_first
    ]


def _needs() -> list[dict[str, Any]]:
    """What failed or was skipped in the last 7 days and nothing has overtaken, by reason."""
    suspects = log_filters.within(SyncLog.objects.filter(reason__in=log_filters.ACTIONABLE), "7d")
    open_ones = log_filters.needs_somebody(_bounded(suspects, limit=SUSPECTS_LOOKED_AT))
    rows = open_ones.values("reason").annotate(
        n=Count("pk"), first=Min("created_at"), last=Max("created_at")
    )
    return [
        {
            "text": CATALOGUE[Reason(row["reason"])],
            "owner": wording.sentence_case(CATALOGUE[Reason(row["reason"])].owner),
            "outcome": wording.outcome_badge(CATALOGUE[Reason(row["reason"])].outcome),
            "count": row["n"],
            "first": ago(row["first"]),
            "last": ago(row["last"]),
            "address": list_of(SyncLog, f"reason={row['reason']}&open=yes&since=7d"),
        }
        for row in sorted(rows, key=lambda row: -row["n"])
    ]


def _latest() -> QuerySet[Any]:
    light = SyncLog.objects.only(*ENTRY_COLUMNS, "opportunity_name")
    return light.annotate(remote_name=REMOTE_NAME).order_by("-pk")[:ENTRIES_SHOWN]
