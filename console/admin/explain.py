"""The page that explains: one box, an answer under an address that can be passed on, buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from console import connections, outbox
from console.actor import Actor
from console.admin import explain_page, rights
from console.admin.explain_page import NEEDED
from console.explain import NothingFound, explain
from console.explain.actions import CHECK, LINK, PERMISSIONS, PUSH, SET_PRIMARY
from console.explain.answer import Kind, Subject
from console.explain.choice import verdict
from console.explain.subject import identify
from console.explain.verdict import Verdict
from console.flows import check_connection, link_via_primary_quote, update_primary_quote
from console.models import OutboundPush, SyncLog
from console.salesforce.gateway import SalesforceError
from syncrules.reasons import Outcome

Said = tuple[int, str]
_TRIGGER: Final = "explain_page"


def urls(site: AdminSite) -> list[URLPattern]:
    """The box, an answer, and what its buttons post to."""

    def view(function: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return site.admin_view(function)

    @require_GET
    def box(request: HttpRequest) -> HttpResponse:
        """The empty box; with something in it, the way to the address of its answer."""
        _require_role(request)
        asked = request.GET.get("id", "").strip()
        if not asked:
            return _page(site, request, "console/explain_box_page.html", explain_page.empty())
        subject = identify(asked)
        if isinstance(subject, NothingFound):
            return _nothing(site, request, subject)
        as_typed = f"?{urlencode({'from': asked})}" if subject.notes else ""
        return HttpResponseRedirect(_address(subject) + as_typed)

    @require_GET
    def answer(request: HttpRequest, asked: str) -> HttpResponse:
        _require_role(request)
        as_typed = request.GET.get("from", "")
        is_of_this = as_typed and _names(as_typed, asked)
        found = explain(as_typed if is_of_this else asked, actor=Actor.of_user(request.user))
        if isinstance(found, NothingFound):
            return _nothing(site, request, found)
        return _page(site, request, "console/explain.html", explain_page.shown(request, found))

    return [
        path("explain/", view(box), name="console_explain"),
        path("explain/<str:asked>/", view(answer), name="console_explain_id"),
        path("explain/<str:asked>/<slug:key>/", view(_do), name="console_explain_do"),
    ]


def _require_role(request: HttpRequest) -> None:
    if not request.user.has_perms(NEEDED):
        raise PermissionDenied(
            "You need the right to see opportunities and the sync log, which the role “viewer” has."
        )


def _names(text: str, expected: str) -> bool:
    subject = identify(text)
    return isinstance(subject, Subject) and subject.id == expected


def _address(subject: Subject) -> str:
    return reverse("admin:console_explain_id", args=[subject.id])


def _nothing(site: AdminSite, request: HttpRequest, answer: NothingFound) -> HttpResponse:
    context = explain_page.nothing(answer)
    return _page(site, request, "console/explain_nothing.html", context, status=404)


def _page(
    site: AdminSite,
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    request.current_app = site.name
    shared = {**site.each_context(request), "explain_box": "", "title": "Explain"}
    return TemplateResponse(request, template, {**shared, **context}, status=status)


# --- What the buttons do -------------------------------------------------------------------------


@require_POST
def _do(request: HttpRequest, asked: str, key: str) -> HttpResponse:
    """Does what a button says: the flow decides anew, whatever the page had foreseen."""
    _require_role(request)
    if key not in _DOES:
        raise Http404("There is no such button.")
    rights.require(request, PERMISSIONS[key])
    actor = Actor.of_user(request.user)
    subject = identify(asked)
    if isinstance(subject, NothingFound):
        raise Http404(subject.because)
    try:
        level, said = _DOES[key](subject, actor)
    except SalesforceError as error:
        level = messages.ERROR
        said = f"Salesforce could not be read, so nothing was changed. {error}"
    messages.add_message(request, level, said)
    return HttpResponseRedirect(_address(subject))


def _found(subject: Subject, actor: Actor) -> Verdict:
    found = verdict(subject, asked=subject.id, actor=actor)
    if isinstance(found, NothingFound):
        raise Http404(found.because)
    return found


def _push(subject: Subject, actor: Actor) -> Said:
    opportunity = _found(subject, actor).opportunity
    if opportunity is None:
        return messages.ERROR, "No MN opportunity is known for it, so there is nothing to push."
    push = outbox.request_push(opportunity_id=opportunity.pk, trigger="push_button", actor=actor)
    if push.state == OutboundPush.State.HELD:
        return messages.WARNING, "The push is held until Salesforce is connected again."
    return messages.SUCCESS, "The push is on its way; its outcome will be in the sync log."


def _link(subject: Subject, actor: Actor) -> Said:
    if subject.kind is not Kind.SALESFORCE_OPPORTUNITY:
        return messages.ERROR, "Only a Salesforce opportunity names the quote to link through."
    return _told(link_via_primary_quote.run(subject.id, trigger=_TRIGGER, actor=actor))


def _set_primary(subject: Subject, actor: Actor) -> Said:
    found = _found(subject, actor)
    if found.quote is None or found.opportunity is None:
        return messages.ERROR, "That needs a quote you may read, and its MN opportunity."
    entry = update_primary_quote.run(
        found.opportunity.pk,
        quote_mn_id=found.quote.mn_id,
        how="manual",
        trigger=_TRIGGER,
        actor=actor,
    )
    return _told(entry)


def _check(_subject: Subject, _actor: Actor) -> Said:
    row = connections.in_force()
    if row is None:
        return messages.ERROR, "No connection is set up."
    result = check_connection.run(row.pk)
    return (messages.SUCCESS if result.is_live else messages.ERROR), result.sentence


def _told(entry: SyncLog) -> Said:
    went_well = entry.outcome in (Outcome.DONE, Outcome.NOTHING_TO_DO)
    level = messages.SUCCESS if went_well else messages.WARNING
    return level, f"{entry.title}. Sync log entry {entry.pk} has the steps."


_DOES: Final[dict[str, Callable[[Subject, Actor], Said]]] = {
    PUSH: _push,
    LINK: _link,
    SET_PRIMARY: _set_primary,
    CHECK: _check,
}
