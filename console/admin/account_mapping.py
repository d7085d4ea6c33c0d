"""Account mapping: which Salesforce accounts lack an MN account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from console import account_search
from console.account_search import Listing, Unmatched
from console.admin.base import DetailPage, list_of
from console.admin.parts import NONE, ago
from console.admin.salesforce_links import base_url, record_link
from console.models import Account
from syncrules import salesforce_id as salesforce_ids


def render(
    page: DetailPage, request: HttpRequest, template: str, context: dict[str, Any]
) -> HttpResponse:
    """The template with what every page of the site needs."""
    request.current_app = page.admin_site.name
    shared = {**page.admin_site.each_context(request), "opts": page.opts}
    return TemplateResponse(request, template, {**shared, **context})


def require_view(page: DetailPage, request: HttpRequest) -> None:
    if not page.has_view_permission(request):
        raise PermissionDenied("You may not see accounts.")


def address(salesforce_id: str, **query: str) -> str:
    """The page of one Salesforce account."""
    found = reverse("admin:console_account_mapping", args=[salesforce_id])
    return f"{found}?{urlencode(query)}" if query else found


def overview(page: DetailPage, request: HttpRequest) -> HttpResponse:
    """The accounts that something waits for; with `look`, those that Salesforce names too."""
    require_view(page, request)
    look = request.GET.get("look") == "salesforce"
    listing = account_search.unmatched(look=look)
    context = {
        "title": "Account mapping",
        "looked": look,
        "listing": listing,
        "looked_through": account_search.LOOKED_THROUGH,
        "rows": [_line(each, base=base_url()) for each in listing.rows],
        "back": {"address": list_of(Account), "name": "Accounts"},
    }
    return render(page, request, "console/account_mapping_list.html", context)


def _line(each: Unmatched, *, base: str) -> dict[str, Any]:
    remote = each.remote
    return {
        "name": remote.name if remote else "",
        "record": record_link(each.salesforce_id, base=base, sobject="Account"),
        "website": (remote.website if remote else None) or NONE,
        "waiting": each.waiting,
        "since": ago(each.since) if each.since else "",
        "unlinked": each.unlinked,
        "page": address(each.salesforce_id),
    }


def template_rows(listing: Listing) -> list[tuple[str, ...]]:
    """The listing as rows of the file to fill in, under `account_import.COLUMNS`."""
    return [
        (
            each.salesforce_id,
            "",
            each.remote.name if each.remote else "",
            (each.remote.website if each.remote else None) or "",
            (each.remote.currency if each.remote else None) or "",
        )
        for each in listing.rows
    ]


def find(page: DetailPage, request: HttpRequest) -> HttpResponse:
    """The way to the page of an account that was pasted, as an id or as an address."""
    require_view(page, request)
    text = request.GET.get("record", "").strip()[:500]
    try:
        found = salesforce_ids.to_18(
            salesforce_ids.from_pasted(text), prefix=salesforce_ids.ACCOUNT
        )
    except salesforce_ids.InvalidSalesforceId as error:
        messages.error(request, f"Not a Salesforce account: {error}.")
        return HttpResponseRedirect(reverse("admin:console_account_mappings"))
    return HttpResponseRedirect(address(found))
