"""What the quote page's buttons do: override, pin, compare with Salesforce, push the products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.urls.resolvers import URLPattern
from django.views.decorators.http import require_GET, require_POST

from console import outbox, overrides, pins, product_settings
from console.actor import Actor
from console.admin import overrides_csv, product_difference_page, rights, subpage
from console.admin.base import DetailPage, page_of
from console.admin.quote_products_page import OVERRIDE, PIN
from console.flows import sync_products
from console.models import Quote
from console.overrides import Outcome, Wish
from syncrules.line_facts import Override

PUSH: Final = "console.push_opportunity"
_AT_ONCE: Final = 1000


View = Callable[..., HttpResponse]


def urls(page: DetailPage) -> list[URLPattern]:
    """Beside the quote's own page, all under its address."""

    def shown(view: View, name: str, end: str) -> URLPattern:
        def of_quote(request: HttpRequest, object_id: str) -> HttpResponse:
            return view(page, request, page.find(request, object_id))

        return _under(page, end, require_GET(of_quote), name=name)

    def pressed(
        button: Callable[[HttpRequest, Quote], str], name: str, end: str, *, permission: str
    ) -> URLPattern:
        """The button returns where on the page its answer is looked for."""

        def of_quote(request: HttpRequest, object_id: str) -> HttpResponse:
            rights.require(request, permission)
            quote = page.find(request, object_id)
            return HttpResponseRedirect(page_of(quote) + button(request, quote))

        return _under(page, end, require_POST(of_quote), name=name)

    return [
        pressed(_override, "console_quote_override", "override/", permission=OVERRIDE),
        pressed(_pin, "console_quote_pin", "pin/", permission=PIN),
        pressed(_unpin, "console_quote_unpin", "unpin/", permission=PIN),
        pressed(_push, "console_quote_push_products", "push-products/", permission=PUSH),
        shown(_difference, "console_quote_difference", "difference/"),
        shown(overrides_csv.of_quote, "console_quote_overrides_export", "overrides.csv"),
    ]


def _under(page: DetailPage, end: str, view: View, *, name: str) -> URLPattern:
    """The address below that of a quote."""
    guarded: View = page.admin_site.admin_view(view)
    return path(f"<path:object_id>/{end}", guarded, name=name)


def _override(request: HttpRequest, quote: Quote) -> str:
    """One line or many: the same choice and reason for each."""
    names = set(quote.items.values_list("mn_id", flat=True))
    chosen = [name for name in request.POST.getlist("line") if name in names][:_AT_ONCE]
    value = request.POST.get("override", "?")
    if not chosen:
        messages.error(request, "Choose the lines first.")
    elif value not in list(Override):
        messages.error(request, "Choose what the override is to be.")
    else:
        reason = " ".join(request.POST.get("reason", "").split())
        wishes = [Wish(name, Override(value), reason) for name in chosen]
        tell(request, overrides.apply(wishes, actor=Actor.of_user(request.user)))
    return "#lines"


def tell(request: HttpRequest, outcome: Outcome) -> None:
    """What was set, and each refusal by name."""
    if outcome.changed:
        said = "1 override was set." if outcome.changed == 1 else f"{outcome.changed} were set."
        if outcome.pushes:
            said += " A push of the products is on its way."
        messages.success(request, said)
    elif not outcome.refused:
        messages.info(request, "It was so already.")
    for ruling in outcome.refused[:10]:
        messages.error(request, f"{ruling.wish.line_mn_id}: {ruling.refused}")
    if len(outcome.refused) > 10:
        messages.error(request, f"{len(outcome.refused) - 10} more were refused.")


def _pin(request: HttpRequest, quote: Quote) -> str:
    note = " ".join(request.POST.get("note", "").split())
    settings = product_settings.in_force().settings
    pins.pin(quote, settings, note=note, actor=Actor.of_user(request.user))
    messages.success(request, "Pinned: a change that breaks it must name it.")
    return ""


def _unpin(request: HttpRequest, quote: Quote) -> str:
    pins.unpin(quote)
    messages.success(request, "The pin is gone.")
    return ""


def _push(request: HttpRequest, quote: Quote) -> str:
    """The products alone: link and primary quote have a push of their own."""
    opportunity = quote.opportunity
    if opportunity is None or opportunity.primary_quote_id != quote.pk:
        messages.error(request, "Only the lines of a primary quote are pushed.")
        return ""
    outbox.request_push(
        opportunity_id=opportunity.pk,
        trigger="push_button",
        actor=Actor.of_user(request.user),
        lane=outbox.Lane.PRODUCTS,
    )
    messages.success(request, "The push is on its way; its outcome will be in the sync log.")
    return ""


def _difference(page: DetailPage, request: HttpRequest, quote: Quote) -> HttpResponse:
    """What Salesforce has now against what it should have; asks Salesforce."""
    found = sync_products.preview_quote(quote.pk)
    return subpage.render(
        page,
        request,
        quote,
        template="console/quote_products_difference.html",
        title="Compared with Salesforce",
        context=product_difference_page.context(request, quote, found),
    )
