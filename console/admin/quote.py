"""Quotes with their lines. Quotes restricted to groups are shown to those groups only."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import display
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString

from console.admin import pairing, quote_products, quote_products_page, wording
from console.admin.base import DetailPage, list_of, page_of
from console.admin.filters import choice_filter, column_filter
from console.admin.parts import NONE, at, badge, link, money, span
from console.admin.readable import quotes_for
from console.admin.search import Term
from console.models import Quote, SyncLog
from syncrules.facts import QuoteStatus
from syncrules.field_mapping import Problem
from syncrules.json_form import from_json


class QuoteAdmin(DetailPage):
    detail_template = "console/quote.html"
    list_display = ("mn_id", "description", "status_shown", "primary", "deal", "owned", "amounts")
    list_display_links = ("mn_id", "description")
    list_filter = (
        column_filter("status", [(s.value, wording.in_words(s)) for s in QuoteStatus]),
        column_filter("type", [(t.value, wording.in_words(t)) for t in Quote.Type]),
        choice_filter(
            "primary",
            [("yes", "Primary"), ("no", "Not primary")],
            lambda rows, chosen: rows.filter(primary_of__isnull=chosen == "no"),
        ),
    )
    list_select_related = ("account", "opportunity")
    search_help_text = "MN id or description"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quote]:
        return quotes_for(request, super().get_queryset(request))

    def matches(self, term: Term) -> Q:
        return Q(mn_id=term.text) | Q(description__icontains=term.text)

    def detail_queryset(self, request: HttpRequest) -> QuerySet[Quote]:
        related = Quote.objects.select_related("account", "opportunity")
        rows = related.prefetch_related("readers")
        return quotes_for(request, rows)

    def detail_context(self, request: HttpRequest, obj: Quote) -> dict[str, Any]:
        return {
            "headline": str(obj),
            "badges": [wording.quote_status_badge(obj.status), *_primary_badges(obj)],
            "about": _about(obj),
            "custom_values": sorted(obj.custom_values.items()),
            "mapping_problems": [from_json(Problem, each) for each in obj.mapping_problems],
            "products": quote_products_page.context(request, obj),
            "controls": pairing.quote_controls(request, obj),
            "links": [("Log entries of this quote", list_of(SyncLog, f"q={obj.mn_id}"))],
        }

    def get_urls(self) -> list[URLPattern]:
        return [*quote_products.urls(self), *super().get_urls()]

    @display(description="Status")
    def status_shown(self, obj: Quote) -> SafeString:
        return wording.quote_status_badge(obj.status)

    @display(description="Primary")
    def primary(self, obj: Quote) -> SafeString:
        return _primary_badges(obj)[0] if _is_primary(obj) else NONE

    @display(description="Opportunity")
    def deal(self, obj: Quote) -> SafeString | str:
        return obj.opportunity.name if obj.opportunity else NONE

    @display(description="Account")
    def owned(self, obj: Quote) -> str:
        return obj.account.name

    @display(description="Amount")
    def amounts(self, obj: Quote) -> SafeString:
        return money(obj.amount, obj.currency)


def _is_primary(quote: Quote) -> bool:
    return quote.opportunity is not None and quote.opportunity.primary_quote_id == quote.pk


def _primary_badges(quote: Quote) -> list[SafeString]:
    return [badge("Primary", "info", "star")] if _is_primary(quote) else []


def _about(quote: Quote) -> list[tuple[str, Any]]:
    readers = ", ".join(sorted(group.name for group in quote.readers.all()))
    opportunity = quote.opportunity
    return [
        ("Opportunity", link(opportunity.name, page_of(opportunity)) if opportunity else NONE),
        ("Account", link(quote.account.name, page_of(quote.account))),
        ("Type", wording.in_words(quote.type)),
        ("Amount", money(quote.amount, quote.currency)),
        ("Contract", span(quote.contract_start, quote.contract_end)),
        ("Status since", at(quote.status_since)),
        ("Readable by", readers or "Everybody"),
        ("Updated in MN", at(quote.mn_updated_at)),
    ]
