"""How bodies are read: numbers without loss, and large ones where lines come by the thousand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest
from ninja.parser import Parser

from console.api import signature
from console.api.problems import Problem
from console.models import ApiClient

LARGE: Final = 4 * 1024 * 1024


class ExactParser(Parser):
    """JSON whose numbers keep every digit: as a float, 9999999999999999.99 would lose cents."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(
            request.body, parse_float=Decimal, parse_constant=_refuse
        )
        return parsed


def authenticate_large(request: HttpRequest) -> ApiClient:
    """The client that signed the call, whose body may be larger than elsewhere.

    Errors: Problem 413, and those of `signature.authenticate`.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGE:
        raise Problem(413, "too_large", "The body is over 4 MiB.")
    # Django's own limit is one for the whole site, and is asked only by who reads the body first.
    request._body = request.read()  # noqa: SLF001
    return signature.authenticate(request)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number of JSON")
