"""The work queue: what still has to go to Salesforce, why it waits, and a button to try again."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import action, display
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from console import outbox
from console.actor import Actor
from console.admin import budget_card, edits, rights, wording
from console.admin.base import DetailPage, page_of
from console.admin.filters import DefaultingFilter, choice_filter
from console.admin.opportunity_page import ENTRY_COLUMNS, entry_shown
from console.admin.parts import NONE, ago, at, link
from console.admin.search import Term
from console.models import OutboundPush, SyncLog
from syncrules import retry
from syncrules.reasons import CATALOGUE

State = OutboundPush.State
MAY_PUSH: Final = "console.push_opportunity"
RETRIABLE: Final = (State.PARKED, State.HELD)


def _narrow_by_state(pushes: QuerySet[OutboundPush], chosen: str) -> QuerySet[OutboundPush]:
    if chosen == "open":
        return pushes.filter(state__in=(*OutboundPush.WAITING, State.SENDING))
    return pushes if chosen == "all" else pushes.filter(state=chosen)


class OutboundPushAdmin(DetailPage):
    detail_template = "console/push.html"
    list_display = (
        "state_shown",
        "lane_shown",
        "opportunity",
        "reason_shown",
        "age",
        "attempts",
        "next_try",
        "trigger_shown",
        "actor_name",
    )
    list_filter = (
        choice_filter(
            "state",
            [
                ("open", "Still open"),
                *((state.value, state.label.capitalize()) for state in State),
                ("all", "All"),
            ],
            _narrow_by_state,
            kind=DefaultingFilter,
        ),
        choice_filter(
            "reason",
            [(reason.value, text.title) for reason, text in CATALOGUE.items()],
            lambda rows, chosen: rows.filter(state__in=OutboundPush.WAITING, reason=chosen),
            title="reason",
        ),
        choice_filter(
            "lane",
            [(lane.value, lane.label.capitalize()) for lane in OutboundPush.Lane],
            lambda rows, chosen: rows.filter(lane=chosen),
        ),
        choice_filter(
            "urgency",
            [(str(each.value), each.label.capitalize()) for each in OutboundPush.Urgency],
            lambda rows, chosen: rows.filter(urgency=chosen),
        ),
    )
    list_select_related = ("opportunity",)
    search_help_text = "Opportunity, MN id, push number"
    actions = ("push_again",)

    def matches(self, term: Term) -> Q:
        found = Q(opportunity__name__icontains=term.text) | Q(opportunity__mn_id=term.text)
        return found | Q(pk=term.number) if term.number is not None else found

    def has_push_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(MAY_PUSH))

    @action(description="Push again", permissions=["push"])
    def push_again(self, request: HttpRequest, queryset: QuerySet[OutboundPush]) -> None:
        """Those of the chosen that are set aside or held go out now; the others stay."""
        rights.require(request, MAY_PUSH)
        chosen = list(queryset.filter(state__in=RETRIABLE).values_list("pk", flat=True))
        self._retry(request, chosen)

    def push_again_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rights.require(request, MAY_PUSH)
        push = self.find(request, object_id)
        self._retry(request, [push.pk] if push.state in RETRIABLE else [])
        return HttpResponseRedirect(page_of(push))

    def _retry(self, request: HttpRequest, push_ids: list[int]) -> None:
        count = outbox.retry(push_ids, actor=Actor.of_user(request.user)) if push_ids else 0
        if count:
            noun = "push goes" if count == 1 else "pushes go"
            messages.success(request, f"{count} {noun} out now.")
        else:
            messages.warning(request, "Nothing to push again: none is set aside or held.")

    def get_urls(self) -> list[URLPattern]:
        again = path(
            "<path:object_id>/push-again/",
            self.admin_site.admin_view(require_POST(self.push_again_view)),
            name="console_outboundpush_push_again",
        )
        return [again, *super().get_urls()]

    def detail_queryset(self, request: HttpRequest) -> QuerySet[OutboundPush]:
        return OutboundPush.objects.select_related("opportunity")

    def detail_context(self, request: HttpRequest, obj: OutboundPush) -> dict[str, Any]:
        entries = SyncLog.objects.filter(opportunity_id=obj.opportunity_id, push_id=obj.pk)
        light = entries.only(*ENTRY_COLUMNS)
        return {
            "push": obj,
            "headline": f"Push {obj.pk} of {obj.opportunity.name}",
            "badges": [wording.push_badge(obj.state)],
            "text": wording.reason_text(obj.reason),
            "about": _about(obj),
            "edits": edits.of_push(obj),
            "entries": [entry_shown(entry) for entry in light.order_by("-pk")[:20]],
            "controls": [_again_control(request, obj)],
        }

    @display(description="State")
    def state_shown(self, obj: OutboundPush) -> SafeString:
        return wording.push_badge(obj.state)

    @display(description="What")
    def lane_shown(self, obj: OutboundPush) -> str:
        return obj.get_lane_display().capitalize()

    @display(description="Why")
    def reason_shown(self, obj: OutboundPush) -> SafeString | str:
        return wording.reason_title(obj.reason) if obj.reason else NONE

    @display(description="Requested")
    def age(self, obj: OutboundPush) -> SafeString:
        return ago(obj.requested_at)

    @display(description="Next try")
    def next_try(self, obj: OutboundPush) -> SafeString | str:
        return _next_try(obj)

    @display(description="Trigger")
    def trigger_shown(self, obj: OutboundPush) -> str:
        return wording.in_words(obj.trigger)


def _next_try(push: OutboundPush) -> SafeString | str:
    if push.state == State.QUEUED:
        return ago(push.not_before)
    if push.state == State.HELD:
        return "When connected"
    return "When asked" if push.state == State.PARKED else NONE


def _about(push: OutboundPush) -> list[tuple[str, Any]]:
    return [
        ("Opportunity", link(push.opportunity.name, page_of(push.opportunity))),
        ("Requested", at(push.requested_at)),
        ("Trigger", wording.trigger_in_words(push.trigger)),
        ("On behalf of", push.actor_name),
        ("Goes out", budget_card.urgency_in_words(push.urgency)),
        ("Attempts that count", str(push.attempts)),
        ("Failed together with others", _strikes(push)),
        ("Last in the hands of", push.claimed_by or NONE),
        ("Next try", _next_try(push)),
        ("Finished", at(push.finished_at)),
    ]


def _strikes(push: OutboundPush) -> str | SafeString:
    if not push.strikes:
        return NONE
    others = retry.company(push.strikes) - 1
    company = "alone" if not others else f"with {others} others at most"
    return f"{push.strikes} times; it goes {company} now"


def _again_control(request: HttpRequest, push: OutboundPush) -> rights.Control:
    lock = "" if push.state in RETRIABLE else "Only a push that is set aside or held can go again."
    return rights.control(
        request,
        "Push again",
        icon="replay",
        address=reverse("admin:console_outboundpush_push_again", args=[push.pk]),
        permission=MAY_PUSH,
        lock=lock,
    )
