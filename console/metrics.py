"""`/metrics`: what Prometheus scrapes, and who may."""

from __future__ import annotations

import ipaddress
import secrets
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, exposition

from console.measurements import Everything

_MOST_SECONDS: Final = 5
_FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP")


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """For who presents METRICS_TOKEN; where none is set, for this machine alone."""
    if settings.METRICS_TOKEN:
        if not _has_token(request):
            refusal = HttpResponse("METRICS_TOKEN is asked for\n", "text/plain", status=401)
            refusal["WWW-Authenticate"] = "Bearer"
            return refusal
    elif not _is_from_here(request):
        return HttpResponse("METRICS_TOKEN is not set\n", "text/plain", status=403)
    return _page(request.headers.get("Accept", ""))


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    same = secrets.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    return same and scheme.lower() == "bearer"


def _is_from_here(request: HttpRequest) -> bool:
    """Not what a proxy on this machine hands on."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback and not any(name in request.headers for name in _FORWARDED)


def _page(accepted: str) -> HttpResponse:
    registry = CollectorRegistry()
    encode, content_type = exposition.choose_encoder(accepted)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{_MOST_SECONDS}s'")
            registry.register(Everything())
            return HttpResponse(encode(registry), content_type)
    except DatabaseError as error:
        return HttpResponse(f"# {type(error).__name__}\n", "text/plain", status=503)
