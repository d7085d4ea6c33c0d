"""The sync log: what was decided, why, and what to do about it."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.admin import display
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT
from django.http import HttpRequest
from django.utils.safestring import SafeString

from console.admin import (
    conflict_card,
    edits,
    explain_page,
    explanation,
    log_filters,
    pairing,
    wording,
)
from console.admin.base import DetailPage, list_of, page_of
from console.admin.parts import NONE, ago, at, code, link
from console.admin.salesforce_links import base_url, record_link
from console.admin.search import Term
from console.models import Opportunity, OutboundPush, Quote, SyncLog
from syncrules.reasons import Outcome, Owner

# An attempt that leads to no MN opportunity is known by the name of the Salesforce one.
REMOTE_NAME: Final = KT("facts__remote__name")
HEAVY: Final = ("facts", "decision", "request", "response", "covers", "detail")


class SyncLogAdmin(DetailPage):
    detail_template = "console/sync_log_entry.html"
    list_display = (
        "time",
        "outcome_shown",
        "reason_shown",
        "subject",
        "record",
        "flow_shown",
        "actor_name",
    )
    list_display_links = ("time", "reason_shown")
    list_filter = log_filters.FILTERS
    search_help_text = "Any id, a Salesforce URL, opportunity or account"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncLog]:
        rows: QuerySet[SyncLog] = super().get_queryset(request)
        return rows.defer(*HEAVY).annotate(remote_name=REMOTE_NAME)

    def matches(self, term: Term) -> Q:
        found = (
            Q(opportunity_name__icontains=term.text)
            | Q(account_name__icontains=term.text)
            | Q(opportunity_mn_id=term.text)
            | Q(quote_mn_id=term.text)
        )
        if term.salesforce_id:
            found |= Q(salesforce_id=term.salesforce_id)
        return found | Q(pk=term.number) if term.number is not None else found

    def detail_context(self, request: HttpRequest, obj: SyncLog) -> dict[str, Any]:
        base = base_url()
        text = wording.reason_text(obj.reason)
        return {
            "title": f"Sync log entry {obj.pk}",
            "title_in_words": wording.reason_title(obj.reason),
            "flow": wording.in_words(obj.flow),
            "entry": obj,
            "text": text,
            "owner": wording.sentence_case(text.owner) if text else "",
            "needs_nobody": text is None or text.owner is Owner.NOBODY,
            "tone": wording.OUTCOMES[obj.outcome][1],
            "icon": wording.OUTCOMES[obj.outcome][2],
            "outcome": wording.outcome_badge(obj.outcome),
            "ladder": explanation.ladder_of(obj, base_url=base),
            "conflict": conflict_card.of_entry(request, obj, base=base),
            "controls": pairing.entry_controls(request, obj),
            "about": _about(obj, base=base),
            "edits": edits.of_entry(obj),
            "exchanges": _exchanges(obj),
            "overtaken_by": _overtaken_by(obj),
            "neighbours": list_of(SyncLog, f"q={obj.opportunity_mn_id or obj.salesforce_id}"),
            **explain_page.replayed(obj, base=base),
        }

    @display(description="Time")
    def time(self, obj: SyncLog) -> SafeString:
        return ago(obj.created_at)

    @display(description="Outcome")
    def outcome_shown(self, obj: SyncLog) -> SafeString:
        return wording.outcome_badge(obj.outcome)

    @display(description="Reason")
    def reason_shown(self, obj: SyncLog) -> str:
        return wording.reason_title(obj.reason)

    @display(description="Opportunity")
    def subject(self, obj: Any) -> SafeString | str:
        return obj.opportunity_name or obj.remote_name or NONE

    @display(description="Salesforce id")
    def record(self, obj: SyncLog) -> SafeString:
        return code(obj.salesforce_id)

    @display(description="Flow")
    def flow_shown(self, obj: SyncLog) -> str:
        return wording.in_words(obj.flow)


def _about(entry: SyncLog, *, base: str) -> list[tuple[str, Any]]:
    """The facts beside the story: name and value."""
    push = OutboundPush(pk=entry.push_id) if entry.push_id else None
    return [
        ("When", at(entry.created_at)),
        ("Flow", wording.in_words(entry.flow)),
        ("Trigger", wording.trigger_in_words(entry.trigger)),
        ("On behalf of", entry.actor_name),
        ("MN opportunity", _opportunity(entry)),
        ("MN account", entry.account_name or NONE),
        ("MN quote", _quote(entry)),
        ("Salesforce opportunity", record_link(entry.salesforce_id, base=base)),
        ("Resolved by", wording.in_words(entry.resolved_by) if entry.resolved_by else NONE),
        ("Push", link(f"Push {entry.push_id}", page_of(push)) if push else NONE),
        ("Attempt", str(entry.attempt)),
        ("Duration", f"{entry.duration_ms:,} ms"),
    ]


def _opportunity(entry: SyncLog) -> SafeString:
    """Linked, but by the name it had then. The row itself is not asked for."""
    name = entry.opportunity_name or entry.opportunity_mn_id
    if not entry.opportunity_id:
        return NONE
    return link(name, page_of(Opportunity(pk=entry.opportunity_id)))


def _quote(entry: SyncLog) -> SafeString:
    if not entry.quote_mn_id:
        return NONE
    return link(entry.quote_mn_id, list_of(Quote, f"q={entry.quote_mn_id}"))


def _exchanges(entry: SyncLog) -> list[dict[str, Any]]:
    """What was sent, what came back, what was read: JSON to unfold."""
    pieces = [
        ("What was sent to Salesforce", "upload", entry.request),
        ("What Salesforce answered", "download", entry.response),
        ("The facts as they were read", "fact_check", entry.facts),
    ]
    return [
        {"title": title, "icon": icon, "json": explanation.pretty(value) if value else ""}
        for title, icon, value in pieces
    ]


def _overtaken_by(entry: SyncLog) -> dict[str, Any] | None:
    """The newest later attempt of the same flow for the same thing."""
    same = Q(salesforce_id=entry.salesforce_id) if entry.salesforce_id else Q(pk__in=())
    if entry.opportunity_id:
        same |= Q(opportunity_id=entry.opportunity_id)
    later = SyncLog.objects.filter(same, flow=entry.flow, pk__gt=entry.pk).only(
        "outcome", "reason", "created_at"
    )
    newest = later.order_by("-pk").first()
    if newest is None or entry.outcome in (Outcome.DONE, Outcome.NOTHING_TO_DO):
        return None
    return {
        "address": page_of(newest),
        "outcome": wording.outcome_badge(newest.outcome),
        "title": wording.reason_title(newest.reason),
        "ago": ago(newest.created_at),
    }
