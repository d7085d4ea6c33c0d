"""What a person sees when a page could not be made: whether to try again, and when."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from console.collisions import is_collision


def server_error(_request: HttpRequest) -> HttpResponse:
    """409 after a collision with somebody else, 503 while the database is away, else 500.

    Called by Django while it handles the exception. Asks neither the database nor the session.
    """
    error = sys.exc_info()[1]
    if is_collision(error):
        return HttpResponse(loader.render_to_string("409.html"), status=409)
    if isinstance(error, OperationalError | InterfaceError):
        page = loader.render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": "10"})
    return HttpResponse(loader.render_to_string("500.html"), status=500)
