"""Opportunities: is it linked, what is primary, and a button that brings Salesforce in step."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import display
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from console import outbox
from console.actor import Actor
from console.admin import (
    link_page,
    opportunity_page,
    primary_quote_page,
    relink_page,
    relink_result,
    rights,
    wording,
)
from console.admin.base import DetailPage, page_of
from console.admin.filters import choice_filter, column_filter
from console.admin.parts import NONE, badge, code
from console.admin.search import Term
from console.models import Association, Opportunity, OutboundPush
from syncrules.facts import OpportunityStatus

LINKED = badge("Linked", "good", "link")
WAITING = badge("Linked, push waiting", "info", "schedule")
NOT_LINKED = badge("Not linked", "calm", "link_off")


def link_badge(*, is_linked: bool, is_waiting: bool) -> SafeString:
    if not is_linked:
        return NOT_LINKED
    return WAITING if is_waiting else LINKED


def _narrow_by_link(rows: QuerySet[Opportunity], chosen: str) -> QuerySet[Opportunity]:
    linked = Exists(_pairs_in_force())
    if chosen == "no":
        return rows.filter(~linked)
    waiting = Exists(_waiting_pushes())
    return rows.filter(linked, waiting) if chosen == "waiting" else rows.filter(linked)


def _pairs_in_force() -> QuerySet[Association]:
    return Association.objects.filter(opportunity_id=OuterRef("pk"), ended_at__isnull=True)


def _waiting_pushes() -> QuerySet[OutboundPush]:
    states = (*OutboundPush.WAITING, OutboundPush.State.SENDING)
    return OutboundPush.objects.filter(opportunity_id=OuterRef("pk"), state__in=states)


class OpportunityAdmin(DetailPage):
    detail_template = "console/opportunity.html"
    list_display = ("name", "link_state", "record", "primary", "status_shown", "owned", "currency")
    list_filter = (
        choice_filter(
            "link",
            [("yes", "Linked"), ("waiting", "Linked, push waiting"), ("no", "Not linked")],
            _narrow_by_link,
        ),
        column_filter("status", [(s.value, wording.in_words(s)) for s in OpportunityStatus]),
        choice_filter(
            "primary",
            [("yes", "Set"), ("no", "Not set")],
            lambda rows, chosen: rows.filter(primary_quote__isnull=chosen == "no"),
            title="primary quote",
        ),
    )
    list_select_related = ("account", "primary_quote")
    search_help_text = "Name, MN id, Salesforce id or URL"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Opportunity]:
        pair = _pairs_in_force().values("salesforce_id")[:1]
        rows: QuerySet[Opportunity] = super().get_queryset(request)
        return rows.annotate(pair_id=Subquery(pair), is_waiting=Exists(_waiting_pushes()))

    def matches(self, term: Term) -> Q:
        found = Q(name__icontains=term.text) | Q(mn_id=term.text)
        if term.salesforce_id:
            pairs = Association.objects.filter(salesforce_id=term.salesforce_id)
            found |= Q(pk__in=pairs.values("opportunity_id"))
            found |= Q(creation_reference=term.salesforce_id)
        return found

    def detail_queryset(self, request: HttpRequest) -> QuerySet[Opportunity]:
        related = Opportunity.objects.select_related("account", "primary_quote", "primary_set_by")
        return related.prefetch_related("primary_quote__readers")

    def detail_context(self, request: HttpRequest, obj: Opportunity) -> dict[str, Any]:
        return opportunity_page.context(request, obj)

    def get_urls(self) -> list[URLPattern]:
        push = path(
            "<path:object_id>/push/",
            self.admin_site.admin_view(require_POST(self.push_view)),
            name="console_opportunity_push",
        )
        return [*self._pairing_urls(), push, *super().get_urls()]

    def _pairing_urls(self) -> list[URLPattern]:
        """Link by hand, the primary quote, and changes of partner with their result and undo."""

        def view(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return cast(
                "Callable[..., HttpResponse]", self.admin_site.admin_view(partial(page, self))
            )

        return [
            path(
                "changes/<int:relink_id>/",
                view(relink_result.view),
                name="console_relink_result",
            ),
            path(
                "changes/<int:relink_id>/undo/",
                self.admin_site.admin_view(require_POST(relink_page.undo)),
                name="console_relink_undo",
            ),
            path("<path:object_id>/link/", view(link_page.view), name="console_opportunity_link"),
            path(
                "<path:object_id>/primary/",
                view(primary_quote_page.view),
                name="console_opportunity_primary",
            ),
            path("<path:object_id>/relink/", view(relink_page.view), name="console_relink"),
        ]

    def push_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks for a push of the opportunity, once however often the button is pressed."""
        rights.require(request, "console.push_opportunity")
        opportunity = self.find(request, object_id)
        push = outbox.request_push(
            opportunity_id=opportunity.pk,
            trigger="push_button",
            actor=Actor.of_user(request.user),
        )
        if push.state == OutboundPush.State.HELD:
            said = "The push is held until Salesforce is connected again."
        else:
            said = "The push is on its way; its outcome will be in the sync log."
        messages.success(request, said)
        return HttpResponseRedirect(page_of(opportunity))

    @display(description="Link")
    def link_state(self, obj: Any) -> SafeString:
        return link_badge(is_linked=obj.pair_id is not None, is_waiting=obj.is_waiting)

    @display(description="Salesforce id")
    def record(self, obj: Any) -> SafeString:
        return code(obj.pair_id)

    @display(description="Primary quote")
    def primary(self, obj: Opportunity) -> SafeString:
        return code(obj.primary_quote.mn_id) if obj.primary_quote else NONE

    @display(description="Status")
    def status_shown(self, obj: Opportunity) -> SafeString:
        return wording.opportunity_status_badge(obj.status)

    @display(description="Account")
    def owned(self, obj: Opportunity) -> str:
        return obj.account.name
