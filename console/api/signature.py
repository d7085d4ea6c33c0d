"""Who calls, proved by a signature over the raw body (the form of Standard Webhooks).

Headers: `client-id`, `webhook-id` (a call's own id; a repeat carries the same one),
`webhook-timestamp` (seconds since 1970), `webhook-signature` (one or more `v1,<base64>`, parted
by spaces: HMAC-SHA256 of `id.timestamp.body`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from console.api.problems import Problem
from console.backend import may_sign
from console.models import ApiClient

_WEBHOOK_ID: Final = re.compile(r"[\x21-\x7e]{1,100}")
_CONTENT_TYPES: Final = ("application/json", "")


def sign(*, secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """The signature header for a body."""
    message = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def authenticate(request: HttpRequest) -> ApiClient:
    """The client that signed the call.

    Errors: Problem 401 without saying which part of a signature was wrong, or that a header is
    missing; 400 for headers that have no usable form; 411 and 415 for a body that is not read.
    """
    _require_readable(request)
    client_id = _header(request, "client-id")
    webhook_id = _header(request, "webhook-id")
    if not _WEBHOOK_ID.fullmatch(webhook_id):
        raise Problem(
            400,
            "bad_header",
            "Expected 1 to 100 printable characters without spaces.",
            "webhook-id",
        )
    timestamp = _timestamp(_header(request, "webhook-timestamp"))
    given = _header(request, "webhook-signature").split()
    client = ApiClient.objects.filter(key=client_id, is_active=True).first()
    known = (client.secret, client.previous_secret) if client else ()
    expected = [
        sign(secret=secret, webhook_id=webhook_id, timestamp=timestamp, body=request.body)
        for secret in filter(may_sign, known)
    ]
    is_right = any(hmac.compare_digest(e.encode(), g.encode()) for e in expected for g in given)
    if client is None or not is_right:
        raise Problem(401, "bad_signature", "The signature does not fit the call.")
    return client


def _require_readable(request: HttpRequest) -> None:
    """Errors: Problem for a body in chunks, which arrives here empty, and for another format."""
    if request.headers.get("Transfer-Encoding"):
        words = "Send the body in one piece, with its Content-Length."
        raise Problem(411, "length_required", words, "content-length")
    if request.method != "GET" and request.content_type not in _CONTENT_TYPES:
        words = "The body must be JSON, and Content-Type application/json."
        raise Problem(415, "unsupported_media_type", words, "content-type")


def _header(request: HttpRequest, name: str) -> str:
    value = request.headers.get(name, "")
    if not value:
        raise Problem(401, "missing_header", f"The header {name} is missing.", name)
    return value


def _timestamp(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        raise Problem(400, "bad_header", "Expected seconds since 1970.", "webhook-timestamp")
    timestamp = int(text)
    tolerance = settings.INBOUND_TOLERANCE.total_seconds()
    if abs(time.time() - timestamp) > tolerance:
        raise Problem(
            401,
            "stale_timestamp",
            f"The timestamp is more than {tolerance:.0f} seconds from now.",
            "webhook-timestamp",
        )
    return timestamp
