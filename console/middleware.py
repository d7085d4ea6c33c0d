"""What every request is asked, and what every answer carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase


class SignInMiddleware(LoginRequiredMiddleware):
    """A page is for people who are signed in, unless its view says otherwise.

    The view is asked first: Django looks for the person first, which takes the database, and the
    probes must answer a browser without it.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], *arguments: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, *arguments)


class NoStoreMiddleware:
    """Keeps answers out of caches and of the browser's back button; static files are served
    before and are not concerned."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
