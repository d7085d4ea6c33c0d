"""A page beside a record's own: how it is rendered, and the way back."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from console.admin.base import page_of


def render(
    page: ModelAdmin[Any],
    request: HttpRequest,
    record: Model,
    *,
    template: str,
    title: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """The template with what every page of the site needs."""
    site = page.admin_site
    request.current_app = site.name
    everything = {
        **site.each_context(request),
        "opts": page.opts,
        "original": record,
        "title": title,
        "back": {"address": page_of(record), "name": str(record)},
        **context,
    }
    return TemplateResponse(request, template, everything, status=status)
