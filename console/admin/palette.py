"""The command palette (Ctrl-K): pages by their name, records by name or any id. Bounded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.http import HttpRequest
from unfold.dataclasses import SearchResult

from console.admin import search
from console.admin.base import DetailPage, page_of

PER_KIND: Final = 5
LONGEST_TITLE: Final = 120


def pages(app_list: Iterable[dict[str, Any]], term: str) -> list[SearchResult]:
    """The lists this person may see whose name contains the term."""
    return [
        SearchResult(
            title=str(model["name"]), description="page", link=model["admin_url"], icon="list"
        )
        for app in app_list
        for model in app["models"]
        if term.lower() in str(model["name"]).lower()
    ]


def records(request: HttpRequest, kinds: Iterable[DetailPage], term: str) -> list[SearchResult]:
    """A few of each kind that this person may see."""
    asked = search.read(term)
    return [
        SearchResult(
            title=str(record)[:LONGEST_TITLE],
            description=str(kind.opts.verbose_name),
            link=page_of(record),
            icon="arrow_outward",
        )
        for kind in kinds
        if kind.has_view_permission(request)
        for record in kind.get_queryset(request).filter(kind.matches(asked))[:PER_KIND]
    ]
