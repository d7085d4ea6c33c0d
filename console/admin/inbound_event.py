"""Inbound events: what Salesforce told us, and what became of it."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

from typing import Any

from django.contrib.admin import display
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from console.admin import wording
from console.admin.base import DetailPage, page_of
from console.admin.explanation import pretty
from console.admin.filters import column_filter
from console.admin.parts import NONE, ago, at, code, link
from console.admin.search import Term
from console.models import InboundEvent, SyncLog


class InboundEventAdmin(DetailPage):
    detail_template = "console/record.html"
    list_display = ("received", "state_shown", "record", "source_shown", "sender", "repeats")
    list_filter = (
        column_filter(
            "state", [(value, words.capitalize()) for value, words in InboundEvent.State.choices]
        ),
        column_filter(
            "source", [(value, words.capitalize()) for value, words in InboundEvent.Source.choices]
        ),
    )
    search_help_text = "Salesforce id or URL, event id"

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundEvent]:
        rows: QuerySet[InboundEvent] = super().get_queryset(request)
        return rows.defer("payload")

    def matches(self, term: Term) -> Q:
        found = Q(event_id=term.text)
        return found | Q(salesforce_id=term.salesforce_id) if term.salesforce_id else found

    def detail_context(self, request: HttpRequest, obj: InboundEvent) -> dict[str, Any]:
        entry = obj.log_entry
        return {
            "headline": f"Event {obj.pk}",
            "badges": [wording.event_badge(obj)],
            "about": [
                ("Received", at(obj.received_at)),
                ("Source", obj.get_source_display().capitalize()),
                ("Sender", obj.sender),
                ("Event id", code(obj.event_id)),
                ("Salesforce record", code(obj.salesforce_id)),
                ("Changed in Salesforce", at(obj.modified_at)),
                ("Came again", f"{obj.repeats} times" if obj.repeats else "Never"),
                ("Refused because", obj.refusal or NONE),
                ("Processed", at(obj.processed_at)),
                ("Outcome", link(f"Entry {entry}", page_of(SyncLog(pk=entry))) if entry else NONE),
            ],
            "exchanges": [{"title": "What came", "icon": "download", "json": pretty(obj.payload)}]
            if obj.payload
            else [],
        }

    @display(description="Received")
    def received(self, obj: InboundEvent) -> SafeString:
        return ago(obj.received_at)

    @display(description="State")
    def state_shown(self, obj: InboundEvent) -> SafeString:
        return wording.event_badge(obj)

    @display(description="Salesforce id")
    def record(self, obj: InboundEvent) -> SafeString:
        return code(obj.salesforce_id)

    @display(description="Source")
    def source_shown(self, obj: InboundEvent) -> str:
        return obj.get_source_display().capitalize()
