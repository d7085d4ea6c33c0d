"""Accounts, each with the Salesforce account it is matched to."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib.admin import display
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods

from console.admin import account_import_page, account_mapping, account_match_page, wording
from console.admin.base import DetailPage, page_of
from console.admin.filters import choice_filter, column_filter
from console.admin.parts import NONE, at, badge, code, day, link
from console.admin.salesforce_links import record_link
from console.admin.search import Term
from console.models import Account, Opportunity
from console.models.account import AccountStatus

MATCHED = badge("Matched", "good", "link")
NOT_MATCHED = badge("Not matched", "warn", "link_off")
OPPORTUNITIES_SHOWN = 50


class AccountAdmin(DetailPage):
    detail_template = "console/account.html"
    list_display = ("name", "matched", "record", "website", "status_shown", "currency", "mn_id")
    list_filter = (
        choice_filter(
            "matched",
            [("yes", "Matched"), ("no", "Not matched")],
            lambda rows, chosen: rows.filter(salesforce_id__isnull=chosen == "no"),
            title="Salesforce account",
        ),
        column_filter("status", [(s.value, wording.in_words(s)) for s in AccountStatus]),
    )
    ordering = ("name", "id")
    search_help_text = "Name, website, MN id, Salesforce id or URL"

    def matches(self, term: Term) -> Q:
        found = Q(name__icontains=term.text) | Q(website__icontains=term.text)
        found |= Q(mn_id=term.text)
        return found | Q(salesforce_id=term.salesforce_id) if term.salesforce_id else found

    def detail_context(self, request: HttpRequest, obj: Account) -> dict[str, Any]:
        rows = Opportunity.objects.filter(account=obj).order_by("-pk")[:OPPORTUNITIES_SHOWN]
        return {
            "headline": obj.name,
            "badges": [MATCHED if obj.salesforce_id else NOT_MATCHED],
            "about": [
                ("Salesforce account", record_link(obj.salesforce_id, sobject="Account")),
                ("MN id", code(obj.mn_id)),
                ("Website", obj.website or NONE),
                ("Status", wording.in_words(obj.status)),
                ("Currency", obj.currency),
                ("Updated in MN", at(obj.mn_updated_at)),
            ],
            "opportunities": [
                {
                    "link": link(row.name, page_of(row)),
                    "status": wording.opportunity_status_badge(row.status),
                    "mn_id": code(row.mn_id),
                    "closes": day(row.close_date),
                }
                for row in rows
            ],
            "is_cut": len(rows) == OPPORTUNITIES_SHOWN,
        }

    def get_urls(self) -> list[URLPattern]:
        """Account mapping: all, one, a file of them."""

        def view(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return cast(
                "Callable[..., HttpResponse]", self.admin_site.admin_view(partial(page, self))
            )

        def posts(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return require_http_methods(["GET", "HEAD", "POST"])(view(page))

        mapping, files = account_mapping, account_import_page
        pages = [
            path("mapping/", require_GET(view(mapping.overview)), name="console_account_mappings"),
            path(
                "mapping/find/",
                require_GET(view(mapping.find)),
                name="console_account_mapping_find",
            ),
            path(
                "mapping/export/",
                require_GET(view(files.export)),
                name="console_account_mapping_export",
            ),
            path("mapping/import/", posts(files.view), name="console_account_mapping_import"),
            path(
                "mapping/<str:salesforce_id>/",
                posts(account_match_page.view),
                name="console_account_mapping",
            ),
        ]
        return [*pages, *super().get_urls()]

    @display(description="Salesforce account")
    def matched(self, obj: Account) -> SafeString:
        return MATCHED if obj.salesforce_id else NOT_MATCHED

    @display(description="Salesforce id")
    def record(self, obj: Account) -> SafeString:
        return code(obj.salesforce_id)

    @display(description="Status")
    def status_shown(self, obj: Account) -> str:
        return wording.in_words(obj.status)
