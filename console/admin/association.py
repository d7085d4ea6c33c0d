"""Associations: who is linked to whom, since when, by which flow; ended ones are history."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

from typing import Any

from django.contrib.admin import display
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from console.admin import wording
from console.admin.base import DetailPage, list_of, page_of
from console.admin.filters import choice_filter
from console.admin.parts import NONE, ago, at, badge, code, link
from console.admin.salesforce_links import record_link
from console.admin.search import Term
from console.models import Association, SyncLog

IN_FORCE = badge("In force", "good", "link")
ENDED = badge("Ended", "calm", "history")


class AssociationAdmin(DetailPage):
    detail_template = "console/record.html"
    list_display = ("opportunity", "record", "state", "flow", "actor_name", "since")
    list_filter = (
        choice_filter(
            "state",
            [("active", "In force"), ("ended", "Ended")],
            lambda rows, chosen: rows.filter(ended_at__isnull=chosen == "active"),
        ),
    )
    list_select_related = ("opportunity",)
    search_help_text = "Salesforce id or URL, MN id, opportunity"

    def matches(self, term: Term) -> Q:
        found = Q(opportunity__name__icontains=term.text) | Q(opportunity__mn_id=term.text)
        return found | Q(salesforce_id=term.salesforce_id) if term.salesforce_id else found

    def detail_queryset(self, request: HttpRequest) -> QuerySet[Association]:
        return Association.objects.select_related("opportunity")

    def detail_context(self, request: HttpRequest, obj: Association) -> dict[str, Any]:
        return {
            "headline": f"{obj.opportunity} and {obj.salesforce_id}",
            "badges": [ENDED if obj.ended_at else IN_FORCE],
            "about": [
                ("MN opportunity", link(obj.opportunity.name, page_of(obj.opportunity))),
                ("Salesforce opportunity", record_link(obj.salesforce_id)),
                ("Linked", at(obj.linked_at)),
                ("Linked by", wording.in_words(obj.linked_by)),
                ("On behalf of", obj.actor_name),
                ("Ended", at(obj.ended_at)),
                ("Ended because", obj.ended_because or NONE),
            ],
            "links": [("Log entries of this record", list_of(SyncLog, f"q={obj.salesforce_id}"))],
        }

    @display(description="Salesforce id")
    def record(self, obj: Association) -> SafeString:
        return code(obj.salesforce_id)

    @display(description="State")
    def state(self, obj: Association) -> SafeString:
        return ENDED if obj.ended_at else IN_FORCE

    @display(description="Linked by")
    def flow(self, obj: Association) -> str:
        return wording.in_words(obj.linked_by)

    @display(description="Linked")
    def since(self, obj: Association) -> SafeString:
        return ago(obj.linked_at)
