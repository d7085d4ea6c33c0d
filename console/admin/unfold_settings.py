"""How Unfold is set up: the name, the look, the command palette and the side navigation.

Read by `console.settings` before any app is loaded, so it imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    """Hides what would only lead to a refusal; the page itself checks again."""
    return lambda request: request.user.has_perm(permission)


def _page(title: str, icon: str, model: str, *, app: str = "console") -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model}_changelist"),
        "permission": _may(f"{app}.view_{model}"),
    }


def _is_at_accounts(request: HttpRequest) -> bool:
    """Account mapping has an entry of its own, though it lies under the accounts' address."""
    path, mapping = request.path, reverse("admin:console_account_mappings")
    is_below = path.startswith(reverse("admin:console_account_changelist"))
    return is_below and not path.startswith(mapping)


NAVIGATION: Final = [
    {
        "items": [
            {"title": "Overview", "icon": "space_dashboard", "link": reverse_lazy("admin:index")},
            {
                "title": "Explain",
                "icon": "troubleshoot",
                "link": reverse_lazy("admin:console_explain"),
                "permission": _may("console.view_opportunity"),
            },
        ]
    },
    {
        "title": "Pairing",
        "items": [
            _page("Opportunities", "handshake", "opportunity"),
            _page("Quotes", "request_quote", "quote"),
            {**_page("Accounts", "domain", "account"), "active": _is_at_accounts},
            {
                "title": "Account mapping",
                "icon": "domain_add",
                "link": reverse_lazy("admin:console_account_mappings"),
                "permission": _may("console.view_account"),
            },
            _page("Associations", "link", "association"),
        ],
    },
    {
        "title": "Sync",
        "items": [
            _page("Sync log", "history", "synclog"),
            _page("Work queue", "outbox", "outboundpush"),
            _page("Drift", "difference", "drift"),
            _page("Inbound events", "move_to_inbox", "inboundevent"),
        ],
    },
    {
        "title": "Products",
        "items": [
            {
                "title": "Product settings",
                "icon": "tune",
                "link": reverse_lazy("admin:console_product_settings"),
                "permission": _may("console.view_productsyncsetting"),
            },
            _page("Products", "category", "product"),
            _page("Pricebook entries", "sell", "pricebookentry"),
        ],
    },
    {
        "title": "Set-up",
        "items": [
            _page("Salesforce connection", "cloud_sync", "salesforceconnection"),
            _page("Field mappings", "move_down", "fieldmapping"),
            _page("Currency fields", "function", "amountfield"),
            _page("API clients", "key", "apiclient"),
            _page("Users", "person", "user", app="auth"),
            _page("Groups", "groups", "group", app="auth"),
        ],
    },
]

UNFOLD: Final[dict[str, Any]] = {
    "SITE_TITLE": "Opportunity sync",
    "SITE_HEADER": "Opportunity sync",
    "SITE_SUBHEADER": "MonetizeNow and Salesforce",
    "SITE_SYMBOL": "sync_alt",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "sizes": "any",
            "href": lambda _request: static("console/icon.svg"),
        }
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "DASHBOARD_CALLBACK": "console.admin.dashboard.extend",
    # The colours are in theme.css: Unfold would write them into the page as an inline style.
    "STYLES": [
        lambda _request: static("console/theme.css"),
        lambda _request: static("console/console.css"),
        lambda _request: static("console/pairing.css"),
        lambda _request: static("console/account_mapping.css"),
        lambda _request: static("console/explain.css"),
        lambda _request: static("console/formula.css"),
        lambda _request: static("console/products.css"),
        lambda _request: static("console/drift.css"),
    ],
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": NAVIGATION,
    },
}
