"""The addresses of the product sync settings: the page, the what-if, and saving what it showed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from console import pins, product_settings, settings_revisions, what_if
from console.actor import Actor
from console.admin import pinned, product_settings_page, rights, what_if_page
from console.admin.product_settings_page import SAVE
from console.models import ProductSyncSetting, Resync
from console.settings_revisions import Candidate, Refused
from syncrules.sync_products import ProductSyncSettings, ZeroUsage

_SALT: Final = "product settings as they were shown"
_SHOWN_FOR: Final = 3600


def urls(site: AdminSite) -> list[URLPattern]:
    """The page, the what-if with its file, saving, and the re-sync that may be due."""

    def shown(function: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return site.admin_view(require_GET(partial(function, site)))

    def pressed(function: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return site.admin_view(require_POST(partial(function, site)))

    here = "product-settings/"
    return [
        path(here, shown(_settings), name="console_product_settings"),
        path(f"{here}what-if/", shown(_ask), name="console_what_if"),
        path(f"{here}what-if/deals.csv", shown(_export), name="console_what_if_export"),
        path(f"{here}save/", pressed(_save), name="console_product_settings_save"),
        path(f"{here}resync/<int:pk>/<slug:what>/", pressed(_resync), name="console_resync"),
    ]


def _settings(site: AdminSite, request: HttpRequest) -> HttpResponse:
    _require_sight(request)
    context = product_settings_page.context(request)
    return _page(site, request, "console/product_settings.html", "Product settings", context)


def _ask(site: AdminSite, request: HttpRequest) -> HttpResponse:
    _require_sight(request)
    try:
        wanted = _wanted(request)
    except Refused as refused:
        messages.error(request, str(refused))
        return _back()
    return _what_if(site, request, wanted)


def _what_if(
    site: AdminSite, request: HttpRequest, wanted: Candidate, *, problem: str = ""
) -> HttpResponse:
    context = {**_context(request, wanted), "problem": problem}
    status = 409 if problem else 200
    return _page(site, request, "console/what_if.html", "What if", context, status=status)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:console_product_settings"))


def _require_sight(request: HttpRequest) -> None:
    if not request.user.has_perm("console.view_productsyncsetting"):
        raise PermissionDenied(
            "You need the right to see the settings, which the role “viewer” has."
        )


def _wanted(request: HttpRequest) -> Candidate:
    """The candidate of the address: an older revision, or what was chosen."""
    revision = request.GET.get("revision", "")
    if revision:
        return settings_revisions.of_revision(int(revision) if revision.isdecimal() else 0)
    return settings_revisions.candidate(
        amount_field=request.GET.get("amount_field", ""),
        is_disabled=request.GET.get("is_disabled") == "on",
        zero_usage=request.GET.get("zero_usage", ""),
    )


def _context(request: HttpRequest, wanted: Candidate) -> dict[str, Any]:
    actor = Actor.of_user(request.user)
    chosen = product_settings.in_force()
    fields = settings_revisions.amount_fields()
    before = pins.check(chosen.settings, reader=actor)
    after = pins.check(wanted.settings, reader=actor)
    broken = pins.newly_broken(before, after)
    is_same = chosen.settings == wanted.settings and chosen.revision is not None
    save = rights.control(
        request,
        "Save these settings",
        icon="save",
        address=reverse("admin:console_product_settings_save"),
        permission=SAVE,
        lock="These settings are in force already." if is_same else "",
    )
    found = what_if.ask(chosen.settings, wanted.settings, reader=actor)
    return {
        "wanted": wanted,
        "settings": product_settings_page.in_words(wanted.settings, fields, before=chosen.settings),
        "is_disabling": wanted.settings.is_disabled and not chosen.settings.is_disabled,
        "is_enabling": chosen.settings.is_disabled and not wanted.settings.is_disabled,
        "is_same": is_same,
        "blast": product_settings_page.blast_radius(),
        "found": what_if_page.shown(found),
        "pins": pinned.rows(after),
        "broken": pinned.rows(broken),
        "save": save,
        "token": _token(request, wanted, revision=chosen.revision),
        "reason": request.POST.get("reason", ""),
        "resync": request.POST.get("resync", ""),
        "export": f"{reverse('admin:console_what_if_export')}?{_query(wanted)}",
        "back": reverse("admin:console_product_settings"),
    }


def _query(wanted: Candidate) -> str:
    chosen = wanted.settings
    query = {"amount_field": chosen.amount_field, "zero_usage": chosen.zero_usage.value}
    return urlencode(query | ({"is_disabled": "on"} if chosen.is_disabled else {}))


def _export(_site: AdminSite, request: HttpRequest) -> HttpResponse:
    _require_sight(request)
    try:
        wanted = _wanted(request)
    except Refused as refused:
        raise Http404(str(refused)) from refused
    actor = Actor.of_user(request.user)
    found = what_if.ask(product_settings.in_force().settings, wanted.settings, reader=actor)
    return HttpResponse(
        what_if_page.as_csv(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="what-if.csv"'},
    )


# --- Saving --------------------------------------------------------------------------------------


def _token(request: HttpRequest, wanted: Candidate, *, revision: int | None) -> str:
    """Says which settings this person was shown, against which revision."""
    chosen = wanted.settings
    shown = [chosen.amount_field, chosen.is_disabled, chosen.zero_usage.value, wanted.reverts_to]
    return signing.dumps([request.user.pk, revision, *shown], salt=_SALT)


def _read_token(request: HttpRequest) -> Candidate | None:
    try:
        read = signing.loads(request.POST.get("shown", ""), salt=_SALT, max_age=_SHOWN_FOR)
    except signing.BadSignature:
        return None
    person, revision, amount_field, is_disabled, zero_usage, reverts_to = read
    if person != request.user.pk:
        return None
    settings = ProductSyncSettings(amount_field, is_disabled, ZeroUsage(zero_usage))
    return Candidate(settings, revision, reverts_to)


def _save(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Only what the what-if showed: the token is its, and the person's who saw it."""
    rights.require(request, SAVE)
    wanted = _read_token(request)
    if wanted is None:
        messages.error(request, "That was shown too long ago. Look at the change once more.")
        return _back()
    actor = Actor.of_user(request.user)
    try:
        row = settings_revisions.save(
            wanted,
            reason=request.POST.get("reason", ""),
            resync=request.POST.get("resync", ""),
            actor=actor,
        )
    except Refused as refused:
        return _what_if(site, request, wanted, problem=str(refused))
    messages.success(request, f"Revision {row.pk} is in force. {_follow(row, actor)}".strip())
    return _back()


def _follow(row: ProductSyncSetting, actor: Actor) -> str:
    """Does what was chosen for the opportunities that became stale, and says so."""
    resync = Resync.objects.filter(revision=row).first()
    if resync is not None and resync.choice == Resync.Choice.NOW:
        return f"{_pushes(settings_revisions.push_affected(resync, actor=actor))} on the way."
    if resync is not None and resync.choice == Resync.Choice.LATER:
        return "The re-sync is noted on this page."
    return ""


def _resync(_site: AdminSite, request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Does, or gives up, the re-sync that a revision left to be done."""
    rights.require(request, SAVE)
    resync = next((each for each in settings_revisions.to_do() if each.pk == pk), None)
    actor = Actor.of_user(request.user)
    if resync is None:
        messages.info(request, "That was done already.")
    elif what == Resync.Choice.NOW:
        count = settings_revisions.push_affected(resync, actor=actor)
        messages.success(request, f"{_pushes(count)} on the way; the sync log says how they end.")
    elif what == Resync.Choice.NOT:
        settings_revisions.give_up(resync, actor=actor)
        messages.success(request, "The opportunities stay as they are until they are pushed.")
    else:
        raise Http404("There is no such button.")
    return _back()


def _pushes(count: int) -> str:
    return "1 push is" if count == 1 else f"{count:,} pushes are"


def _page(
    site: AdminSite,
    request: HttpRequest,
    template: str,
    title: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    request.current_app = site.name
    everything = {**site.each_context(request), "title": title, **context}
    return TemplateResponse(request, template, everything, status=status)
