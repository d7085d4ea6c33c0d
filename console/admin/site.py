"""The admin site: which pages there are, how they look, and what the command palette finds."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.urls.resolvers import URLPattern
from unfold.sites import UnfoldAdminSite

from console.admin import explain_page, palette


class ConsoleSite(UnfoldAdminSite):  # type: ignore[misc]  # Unfold is untyped
    index_title = "Overview"
    enable_nav_sidebar = True

    def get_urls(self) -> list[URLPattern]:
        self._add_pages()
        from console.admin import explain, overrides_csv, product_settings  # noqa: PLC0415

        own = (explain, product_settings, overrides_csv)
        return [*(url for page in own for url in page.urls(self)), *super().get_urls()]

    def check(self, app_configs: Any) -> list[CheckMessage]:
        self._add_pages()
        return list(super().check(app_configs))

    def _add_pages(self) -> None:
        """On first use, not on import: the pages build on the admin modules of other apps, which
        ask for this site while they are being loaded."""
        from console.admin.pages import PAGES  # noqa: PLC0415

        for model, page in PAGES.items():
            if not self.is_registered(model):
                super().register(model, page)

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type | None = None,
        **options: Any,
    ) -> None:
        """Nothing: the pages are those of `pages.PAGES`. What an installed app brings stays out."""

    def extra_context(self, context: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
        """No colours: Unfold would write them as an inline style, which the policy forbids. In the
        head of each page stands the box that explains any id."""
        return {**context, "colors": None, "explain_box": explain_page.box(request)}

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The overview: a bare list of an app's models tells nobody anything."""
        return HttpResponseRedirect(reverse("admin:index"))

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the palette shows. Never cached, and bounded: Unfold's own reads whole tables."""
        started = time.monotonic()
        term = request.GET.get("s", "").strip()
        if not term:
            return HttpResponse()
        from console.admin.pages import SEARCHED  # noqa: PLC0415  as above

        kinds = [self.get_model_admin(model) for model in SEARCHED]
        found = explain_page.palette_results(request, term)
        found += palette.pages(self.get_app_list(request), term)
        found += palette.records(request, kinds, term)
        all_on_one_page = Paginator(found, max(len(found), 1))
        return TemplateResponse(
            request,
            "unfold/helpers/command_results.html",
            {
                "page_obj": all_on_one_page,
                "results": all_on_one_page.page(1),
                "page_counter": 0,
                "execution_time": time.monotonic() - started,
                "command_show_history": False,
            },
            headers={"HX-Trigger": "search"},
        )
