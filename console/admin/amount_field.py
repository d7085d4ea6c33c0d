"""Custom Currency fields: the list, one field with its history, and the way to the editor."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import display
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.views.decorators.http import require_GET, require_POST

from console import amount_field_discovery, custom_fields, product_settings
from console.actor import Actor
from console.admin import amount_field_editor, amount_field_page, rights
from console.admin.amount_field_discovered import said, shown
from console.admin.base import DetailPage, list_of
from console.admin.filters import column_filter
from console.admin.parts import NONE, ago, badge, code
from console.admin.search import Term
from console.models import AmountField

IN_FORCE = badge("Amounts come from it", "good", "check_circle")
BEHIND = badge("Used by the amount", "good", "account_tree")
OFFERED = badge("Can be chosen", "calm", "circle")
BROKEN = badge("Does not compile", "bad", "error")
GONE = badge("Gone", "warn", "block")


class AmountFieldAdmin(DetailPage):
    detail_template = "console/amount_field.html"
    list_display = ("named", "kind_shown", "computed", "state", "latest")
    list_display_links = None
    list_filter = (column_filter("kind", list(AmountField.Kind.choices)),)
    ordering = ("label", "name")
    list_before_template = "console/amount_field_above.html"
    list_after_template = "console/amount_field_below.html"
    search_help_text = "Label or API name"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By the editor, which `add_view` is."""
        return request.user.has_perm("console.add_amountfield")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AmountField]:
        """The latest version of each field, one that ended included."""
        newer = AmountField.objects.filter(name=OuterRef("name"), version__gt=OuterRef("version"))
        rows: QuerySet[AmountField] = super().get_queryset(request)
        return rows.filter(~Exists(newer))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        custom = custom_fields.in_force()
        chosen = product_settings.in_force().settings.amount_field
        for row in changelist.result_list:
            row.state_shown = _state(row, custom, chosen)
        return changelist

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        write = rights.door(
            request,
            "Write a formula",
            icon="function",
            address=reverse("admin:console_amountfield_add"),
            permission="console.add_amountfield",
        )
        discover = rights.control(
            request,
            "Discover now",
            icon="travel_explore",
            address=reverse("admin:console_amountfield_discover"),
            permission="console.add_amountfield",
        )
        context = {"controls": [write, discover], **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def matches(self, term: Term) -> Q:
        return Q(name__icontains=term.text) | Q(label__icontains=term.text)

    def detail_context(self, request: HttpRequest, obj: AmountField) -> dict[str, Any]:
        return amount_field_page.context(request, obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "check/",
                view(require_POST(self.check_view)),
                name="console_amountfield_check",
            ),
            path(
                "discover/",
                view(require_POST(self.discover_view)),
                name="console_amountfield_discover",
            ),
            path(
                "in-salesforce/",
                view(require_GET(self.in_salesforce_view)),
                name="console_amountfield_in_salesforce",
            ),
            path("<path:object_id>/edit/", view(self.edit_view), name="console_amountfield_edit"),
            *super().get_urls(),
        ]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        rights.require(request, "console.add_amountfield")
        return amount_field_editor.view(self, request, None)

    def edit_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rights.require(request, "console.change_amountfield")
        return amount_field_editor.view(self, request, self.find(request, object_id))

    def check_view(self, request: HttpRequest) -> HttpResponse:
        """What the editor shows while somebody types. Saves nothing."""
        rights.require(request, "console.add_amountfield")
        return amount_field_editor.check(request)

    def discover_view(self, request: HttpRequest) -> HttpResponse:
        rights.require(request, "console.add_amountfield")
        try:
            found = amount_field_discovery.discover(actor=Actor.of_user(request.user))
        except amount_field_discovery.Unreachable as error:
            messages.error(request, f"Nothing was changed. {error}")
        else:
            messages.success(request, said(found))
        return HttpResponseRedirect(list_of(AmountField))

    def in_salesforce_view(self, request: HttpRequest) -> HttpResponse:
        """Asks Salesforce, so the list loads it after itself."""
        self.find_list(request)
        return TemplateResponse(request, "console/amount_field_org.html", shown())

    def find_list(self, request: HttpRequest) -> None:
        """Errors: PermissionDenied for who may not see the list."""
        rights.require(request, "console.view_amountfield")

    @display(description="Field")
    def named(self, obj: AmountField) -> SafeString:
        page = reverse("admin:console_amountfield_change", args=[obj.pk])
        return format_html(
            '<a class="c-link" href="{}">{}</a><br>{}', page, obj.label, code(obj.name)
        )

    @display(description="Kind")
    def kind_shown(self, obj: AmountField) -> str:
        return "Formula" if obj.kind == AmountField.Kind.FORMULA else "Salesforce"

    @display(description="Computed as")
    def computed(self, obj: AmountField) -> SafeString:
        if not obj.formula:
            return NONE
        start = Truncator(" ".join(obj.formula.split())).chars(40)
        return format_html(
            '{}<br><span class="c-quiet">{}</span>', code(start), obj.get_blanks_display()
        )

    @display(description="State")
    def state(self, obj: Any) -> SafeString:
        shown: SafeString = obj.state_shown
        return shown

    @display(description="Version")
    def latest(self, obj: AmountField) -> SafeString:
        return format_html(
            '<span class="c-nowrap">{}, {}</span><br><span class="c-quiet">{}</span>',
            obj.version,
            ago(obj.created_at),
            obj.created_by_name,
        )


def _state(row: AmountField, custom: custom_fields.CustomFields, chosen: str) -> SafeString:
    if not row.is_current:
        return GONE
    if row.name in custom.formulas and custom.formulas[row.name] is None:
        return BROKEN
    if row.name == chosen:
        return IN_FORCE
    return BEHIND if row.name in custom.behind(chosen) else OFFERED
