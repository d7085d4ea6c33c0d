"""Products and their prices, as MonetizeNow and Salesforce list them."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

from typing import Any

from django.contrib.admin import display
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from console.admin import wording
from console.admin.base import DetailPage, list_of, page_of
from console.admin.filters import choice_filter, column_filter
from console.admin.parts import at, badge, code, link, money
from console.admin.search import Term
from console.models import PricebookEntry, Product
from console.models.product import ProductType

ACTIVE = badge("Active", "good", "check_circle")
INACTIVE = badge("Inactive", "calm", "do_not_disturb_on")
ACTIVITY = choice_filter(
    "active",
    [("yes", "Active"), ("no", "Inactive")],
    lambda rows, chosen: rows.filter(is_active=chosen == "yes"),
    title="activity",
)


class ProductAdmin(DetailPage):
    detail_template = "console/record.html"
    list_display = ("name", "type_shown", "activity", "record", "mn_id")
    list_filter = (
        column_filter(
            "product_type",
            [(value, wording.in_words(value)) for value in ProductType.values],
            title="type",
        ),
        ACTIVITY,
    )
    ordering = ("name", "id")
    search_help_text = "Name, MN id, Salesforce id or URL"

    def matches(self, term: Term) -> Q:
        found = Q(name__icontains=term.text) | Q(mn_id=term.text)
        return found | Q(salesforce_id=term.salesforce_id) if term.salesforce_id else found

    def detail_context(self, request: HttpRequest, obj: Product) -> dict[str, Any]:
        return {
            "headline": obj.name,
            "badges": [ACTIVE if obj.is_active else INACTIVE],
            "about": [
                ("Type", wording.in_words(obj.product_type)),
                ("MN id", code(obj.mn_id)),
                ("Salesforce product", code(obj.salesforce_id)),
                ("Updated in MN", at(obj.mn_updated_at)),
            ],
            "links": [("Its pricebook entries", list_of(PricebookEntry, f"q={obj.mn_id}"))],
        }

    @display(description="Type")
    def type_shown(self, obj: Product) -> str:
        return wording.in_words(obj.product_type)

    @display(description="State")
    def activity(self, obj: Product) -> SafeString:
        return ACTIVE if obj.is_active else INACTIVE

    @display(description="Salesforce id")
    def record(self, obj: Product) -> SafeString:
        return code(obj.salesforce_id)


class PricebookEntryAdmin(DetailPage):
    detail_template = "console/record.html"
    list_display = ("product", "currency", "price", "activity", "record", "book")
    list_filter = (ACTIVITY,)
    list_select_related = ("product",)
    search_help_text = "Product, MN id, Salesforce id or URL"

    def matches(self, term: Term) -> Q:
        found = Q(product__name__icontains=term.text) | Q(product__mn_id=term.text)
        found |= Q(mn_id=term.text)
        if term.salesforce_id:
            found |= Q(salesforce_id=term.salesforce_id)
            found |= Q(pricebook_salesforce_id=term.salesforce_id)
        return found

    def detail_queryset(self, request: HttpRequest) -> QuerySet[PricebookEntry]:
        return PricebookEntry.objects.select_related("product")

    def detail_context(self, request: HttpRequest, obj: PricebookEntry) -> dict[str, Any]:
        return {
            "headline": str(obj),
            "badges": [ACTIVE if obj.is_active else INACTIVE],
            "about": [
                ("Product", link(obj.product.name, page_of(obj.product))),
                ("Unit price", money(obj.unit_price, obj.currency)),
                ("MN id", code(obj.mn_id)),
                ("Salesforce pricebook entry", code(obj.salesforce_id)),
                ("Salesforce price book", code(obj.pricebook_salesforce_id)),
                ("Updated in MN", at(obj.mn_updated_at)),
            ],
        }

    @display(description="Unit price")
    def price(self, obj: PricebookEntry) -> SafeString:
        return money(obj.unit_price, obj.currency)

    @display(description="State")
    def activity(self, obj: PricebookEntry) -> SafeString:
        return ACTIVE if obj.is_active else INACTIVE

    @display(description="Salesforce id")
    def record(self, obj: PricebookEntry) -> SafeString:
        return code(obj.salesforce_id)

    @display(description="Price book")
    def book(self, obj: PricebookEntry) -> SafeString:
        return code(obj.pricebook_salesforce_id)
