"""Overrides as CSV: out, and in again by way of a dry run that shows what becomes of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.views.decorators.http import require_http_methods

from console import overrides, product_preview, product_settings, spreadsheet
from console.actor import Actor
from console.admin import rights
from console.admin.base import DetailPage
from console.admin.parts import badge, code
from console.admin.quote_products_page import OVERRIDE
from console.admin.readable import quotes_for
from console.line_facts import quote_facts
from console.models import Quote, QuoteItem
from console.overrides import Outcome, Ruling, Wish
from syncrules.line_facts import Override
from syncrules.line_reasons import describe

MOST: Final = 1000
LARGEST: Final = 512 * 1024
_SALT: Final = "overrides as they were shown"
_SHOWN_FOR: Final = 3600
HEADER: Final = ("quote", "line", "product", "quantity", "amount", "currency", "override", "reason")
_NEEDED: Final = ("line", "override", "reason")
_WORDS: Final = {
    "": Override.BLANK,
    "blank": Override.BLANK,
    "by the rules": Override.BLANK,
    "never": Override.NEVER,
    "always": Override.ALWAYS,
}


def urls(site: AdminSite) -> list[URLPattern]:
    def view(function: Callable[..., HttpResponse], *methods: str) -> Callable[..., HttpResponse]:
        return site.admin_view(require_http_methods(list(methods))(partial(function, site)))

    return [
        path("overrides/overrides.csv", view(_all, "GET"), name="console_overrides_export"),
        path("overrides/import/", view(_import, "GET", "POST"), name="console_overrides_import"),
    ]


# --- Out -----------------------------------------------------------------------------------------


def of_quote(_page: DetailPage, _request: HttpRequest, quote: Quote) -> HttpResponse:
    """Every line of the quote with its verdict, to be filled in and read again."""
    preview = product_preview.of_quote(
        quote_facts([quote.pk])[quote.pk], product_settings.in_force()
    )
    verdicts = {each.line_mn_id: each for each in preview.verdicts}
    items = list(quote.items.select_related("product").order_by("position", "pk"))
    rows = [
        (*_cells(item, quote), verdict.outcome.value, describe(verdict.reason).title)
        for item in items
        if (verdict := verdicts.get(item.mn_id)) is not None
    ]
    return _file((*HEADER, "verdict", "why"), rows, name=f"overrides-{quote.mn_id}.csv")


def _all(_site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Every override that is set, on quotes that the person may read."""
    _require_sight(request)
    readable = quotes_for(request, Quote.objects.all())
    rows = QuoteItem.objects.exclude(override="").filter(quote__in=readable)
    items = rows.select_related("quote", "product").order_by("quote__mn_id", "position", "pk")
    cells = [(*_cells(item, item.quote), item.override_by_name) for item in items.iterator()]
    return _file((*HEADER, "by"), cells, name="overrides.csv")


def _require_sight(request: HttpRequest) -> None:
    if not request.user.has_perm("console.view_quote"):
        raise PermissionDenied("You need the right to see quotes, which the role “viewer” has.")


def _cells(item: QuoteItem, quote: Quote) -> tuple[spreadsheet.Cell, ...]:
    return (
        quote.mn_id,
        item.mn_id,
        item.product.name if item.product else "",
        item.quantity.normalize(),
        item.amount,
        quote.currency,
        item.override,
        item.override_reason,
    )


def _file(
    header: Sequence[str], rows: Iterable[Sequence[spreadsheet.Cell]], *, name: str
) -> HttpResponse:
    return HttpResponse(
        spreadsheet.write(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


# --- In ------------------------------------------------------------------------------------------


def _import(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Asks for a file; shows what would become of its rows; does just that."""
    rights.require(request, OVERRIDE)
    actor = Actor.of_user(request.user)
    context: dict[str, Any] = {"most": MOST, "back": _way_back(request)}
    if request.method == "POST" and "shown" in request.POST:
        wishes = _read_token(request)
        if wishes is None:
            context["problem"] = "That was shown too long ago. Read the file once more."
        else:
            return _done(site, request, overrides.apply(wishes, actor=actor), context)
    elif request.method == "POST":
        try:
            context |= _dry_run(request, _read(request), actor)
        except spreadsheet.Unreadable as error:
            context["problem"] = str(error)
    return _page(site, request, context)


def _read(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Line, override and reason of each row. Errors: Unreadable."""
    file = request.FILES.get("file")
    if file is None:
        raise spreadsheet.Unreadable("Choose a file.")
    if (file.size or 0) > LARGEST:
        raise spreadsheet.Unreadable(f"The file is larger than {LARGEST // 1024} KB.")
    rows = spreadsheet.read(file.read(), needs=_NEEDED, most=MOST)
    if not rows:
        raise spreadsheet.Unreadable("The file has no rows.")
    return [tuple(row.get(name, "") for name in _NEEDED) for row in rows]  # type: ignore[misc]


def _dry_run(
    request: HttpRequest, rows: list[tuple[str, str, str]], actor: Actor
) -> dict[str, Any]:
    known = [(line, _WORDS.get(word.lower()), reason) for line, word, reason in rows]
    wishes = [Wish(line, wanted, reason) for line, wanted, reason in known if wanted is not None]
    rulings = iter(overrides.preview(wishes, actor=actor))
    judged = [
        next(rulings)
        if wanted is not None
        else Ruling(
            Wish(line, Override.BLANK, reason),
            refused=f"“{word}” is none of Always, Never and blank.",
        )
        for (line, wanted, reason), (_, word, _) in zip(known, rows, strict=True)
    ]
    changing = [ruling for ruling in judged if ruling.changes]
    return {
        "rows": [_row(ruling, number) for number, ruling in enumerate(judged, start=2)],
        "changing": len(changing),
        "refused": sum(bool(ruling.refused) for ruling in judged),
        "same": sum(not ruling.refused and not ruling.changes for ruling in judged),
        "token": _token(request, changing),
    }


def _row(ruling: Ruling, number: int) -> dict[str, Any]:
    if ruling.refused:
        verdict = badge("Refused", "bad", "block")
    elif ruling.changes:
        verdict = badge("Will be set", "good", "check")
    else:
        verdict = badge("Is so already", "calm", "equal")
    return {
        "number": number,
        "line": code(ruling.wish.line_mn_id),
        "quote": code(ruling.quote_mn_id),
        "now": ruling.now.value or "by the rules",
        "then": ruling.wish.override.value or "by the rules",
        "reason": ruling.wish.reason,
        "verdict": verdict,
        "why": ruling.refused,
    }


def _token(request: HttpRequest, changing: Iterable[Ruling]) -> str:
    """What was shown to this person: with it, just that is done."""
    shown = [
        [each.wish.line_mn_id, each.wish.override.value, each.wish.reason, each.state]
        for each in changing
    ]
    return signing.dumps([request.user.pk, shown], salt=_SALT, compress=True)


def _read_token(request: HttpRequest) -> list[Wish] | None:
    try:
        person, shown = signing.loads(request.POST["shown"], salt=_SALT, max_age=_SHOWN_FOR)
    except signing.BadSignature:
        return None
    if person != request.user.pk:
        return None
    return [Wish(line, Override(word), reason, state) for line, word, reason, state in shown]


def _done(
    site: AdminSite, request: HttpRequest, outcome: Outcome, context: dict[str, Any]
) -> HttpResponse:
    """Back to where it was asked for, unless something was refused: then that is shown."""
    said = f"{outcome.changed} of {len(outcome.rulings)} overrides were set."
    if outcome.pushes:
        said += f" Pushes of the products on their way: {outcome.pushes}."
    level = messages.SUCCESS if outcome.changed else messages.WARNING
    messages.add_message(request, level, said)
    if not outcome.refused:
        return HttpResponseRedirect(context["back"])
    rows = [_row(ruling, number) for number, ruling in enumerate(outcome.refused, start=1)]
    return _page(site, request, {**context, "refusals": rows})


def _way_back(request: HttpRequest) -> str:
    quote = request.GET.get("quote", "")
    if quote.isdecimal() and len(quote) < 19:
        return reverse("admin:console_quote_change", args=[quote])
    return reverse("admin:console_product_settings")


def _page(site: AdminSite, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    request.current_app = site.name
    everything = {**site.each_context(request), "title": "Overrides from a CSV", **context}
    return TemplateResponse(request, "console/overrides_import.html", everything)
