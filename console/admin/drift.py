"""Drift: what the two systems hold differently, who changed it, and a button that pushes again."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import action, display
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from console import drift_repairs, drift_runs
from console.actor import Actor
from console.admin import drift_page, drift_panel, drift_words, rights
from console.admin.base import CappedPaginator, DetailPage, list_of, page_of
from console.admin.drift_page import MAY_COMPARE, MAY_REPAIR
from console.admin.filters import DefaultingFilter, choice_filter, column_filter
from console.admin.parts import NONE, ago
from console.admin.search import Term
from console.models import Drift, OutboundPush, Quote
from console.models.outbound_push import PushUrgency

State = OutboundPush.State
Urgency = OutboundPush.Urgency
_REPAIRS: Final = {
    "none": Q(push__isnull=True),
    "moving": Q(push__state__in=(State.QUEUED, State.SENDING)),
    "standing": Q(push__state__in=(State.HELD, State.PARKED)),
    "ended": Q(push__state__in=(State.SENT, State.SKIPPED, State.SUPERSEDED)),
}


def _narrow_by_state(rows: QuerySet[Drift], chosen: str) -> QuerySet[Drift]:
    return rows if chosen == "all" else rows.filter(closed_at__isnull=chosen == "open")


class DriftAdmin(DetailPage):
    detail_template = "console/drift.html"
    list_before_template = "console/drift_above.html"
    list_display = (
        "verdict_shown",
        "name",
        "what",
        "here",
        "there",
        "apart",
        "age",
        "likely_by",
        "repair_shown",
    )
    list_display_links = ("verdict_shown", "name")
    list_filter = (
        choice_filter(
            "state",
            [("open", "Open"), ("closed", "Closed"), ("all", "All")],
            _narrow_by_state,
            kind=DefaultingFilter,
        ),
        column_filter("verdict", [(key, look[0]) for key, look in drift_words.VERDICTS.items()]),
        column_filter("field", list(drift_words.FIELDS.items())),
        choice_filter(
            "repair",
            [
                ("none", "None asked for"),
                ("moving", "On its way"),
                ("standing", "Set aside or held"),
                ("ended", "Ended"),
            ],
            lambda rows, chosen: rows.filter(_REPAIRS[chosen]),
        ),
    )
    list_select_related = ("push",)
    search_help_text = "Opportunity, MN id, Salesforce id or URL"
    actions = ("repair_chosen",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Drift]:
        rows: QuerySet[Drift] = super().get_queryset(request)
        return _with_restrictions(rows, request).defer("evidence")

    def matches(self, term: Term) -> Q:
        found = Q(name__icontains=term.text) | Q(mn_id=term.text)
        return found | Q(salesforce_id=term.salesforce_id) if term.salesforce_id else found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        panel = drift_panel.context(request) if self.has_view_permission(request) else {}
        shown: HttpResponse = super().changelist_view(request, {**panel, **(extra_context or {})})
        return shown

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("compare/", guard(require_POST(self.compare_view)), name="console_reconcile"),
            path(
                "<path:object_id>/repair/",
                guard(require_POST(self.repair_view)),
                name="console_drift_repair",
            ),
            path(
                "<path:object_id>/compare/",
                guard(require_POST(self.compare_one_view)),
                name="console_drift_compare",
            ),
            *super().get_urls(),
        ]

    # --- Buttons ---------------------------------------------------------------------------------

    def has_push_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(MAY_REPAIR))

    @action(description="Repair by pushing again", permissions=["push"])
    def repair_chosen(self, request: HttpRequest, queryset: QuerySet[Drift]) -> None:
        """Those of the chosen that a push can mend; the others say on their page what helps.

        No more than the list counts, so that a person need not wait for long.
        """
        rights.require(request, MAY_REPAIR)
        chosen = list(queryset.values_list("pk", flat=True)[: CappedPaginator.COUNT_CAP])
        self._repair(request, chosen, urgency=Urgency.BULK)

    def repair_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rights.require(request, MAY_REPAIR)
        row = self.find(request, object_id)
        self._repair(request, [row.pk], urgency=Urgency.CLICK)
        return HttpResponseRedirect(page_of(row))

    def _repair(self, request: HttpRequest, ids: list[int], *, urgency: PushUrgency) -> None:
        count = drift_repairs.repair(ids, actor=Actor.of_user(request.user), urgency=urgency)
        if count:
            noun = "opportunity is" if count == 1 else "opportunities are"
            said = f"{count:,} {noun} pushed again. After the push both sides are compared anew."
            messages.success(request, said)
        else:
            messages.warning(request, "No push can mend this. The page of each row says what can.")

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for a comparison of everything, or joins the one under way."""
        rights.require(request, MAY_COMPARE)
        actor = Actor.of_user(request.user)
        run = drift_runs.request(trigger="compare_button", actor=actor)
        messages.success(request, f"Comparison {run.pk} goes through all pairs, in the sweeper.")
        return HttpResponseRedirect(list_of(Drift))

    def compare_one_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rights.require(request, MAY_COMPARE)
        row = self.find(request, object_id)
        if row.opportunity_id is None:
            messages.warning(request, "Only a comparison of everything looks for such records.")
        else:
            actor = Actor.of_user(request.user)
            drift_runs.request(trigger="compare_button", actor=actor, only=[row.opportunity_id])
            messages.success(request, "The opportunity is compared anew within seconds.")
        return HttpResponseRedirect(page_of(row))

    # --- The page of a row -----------------------------------------------------------------------

    def detail_queryset(self, request: HttpRequest) -> QuerySet[Drift]:
        rows = Drift.objects.select_related("opportunity", "push", "seen_by", "closed_by")
        return _with_restrictions(rows, request)

    def detail_context(self, request: HttpRequest, obj: Drift) -> dict[str, Any]:
        return drift_page.context(request, obj)

    # --- Columns ---------------------------------------------------------------------------------

    @display(description="Verdict")
    def verdict_shown(self, obj: Drift) -> SafeString:
        return drift_words.verdict_badge(obj.verdict)

    @display(description="What")
    def what(self, obj: Drift) -> SafeString | str:
        return drift_words.what(obj)

    @display(description="MonetizeNow")
    def here(self, obj: Drift) -> SafeString | str:
        return drift_words.value(obj, obj.ours)

    @display(description="Salesforce")
    def there(self, obj: Drift) -> SafeString | str:
        return drift_words.value(obj, obj.theirs)

    @display(description="Apart")
    def apart(self, obj: Drift) -> SafeString:
        return drift_words.apart(obj)

    @display(description="Since")
    def age(self, obj: Drift) -> SafeString:
        return ago(obj.since)

    @display(description="Likely by")
    def likely_by(self, obj: Drift) -> SafeString | str:
        return obj.changed_by or NONE

    @display(description="Repair")
    def repair_shown(self, obj: Drift) -> SafeString | str:
        return drift_panel.repair(obj)


def _with_restrictions(rows: QuerySet[Drift], request: HttpRequest) -> QuerySet[Drift]:
    """Each row with whether its lines are of a quote that the person may not read."""
    actor = Actor.of_user(request.user)
    if actor.reads_everything:
        return rows.annotate(is_restricted=Value(value=False, output_field=BooleanField()))
    readers = Quote.readers.through.objects.filter(
        quote__primary_of=OuterRef("opportunity"),
    )
    theirs = readers.filter(group_id__in=actor.group_ids)
    return rows.annotate(is_restricted=Q(Exists(readers)) & ~Q(Exists(theirs)))
