"""How a refused call is answered: a 4xx that names the problem, and one refused-event row."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from console import inbox
from console.collisions import is_collision
from console.salesforce.gateway import SalesforceError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem(Exception):
    """Why a call is refused. `field` names the header or body field that is wrong."""

    status: int
    code: str
    message: str
    field: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message, "field": self.field}}


def install(api: NinjaAPI) -> None:
    """Every way in which a call can go wrong gets an answer of the same shape."""

    @api.exception_handler(Problem)
    def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
        inbox.refuse(sender=_sender(request), refusal=f"{problem.code}: {problem.message}")
        return api.create_response(request, problem.as_json(), status=problem.status)

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return _problem(request, _first_problem(error))

    @api.exception_handler(RequestDataTooBig)
    def _too_big(request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
        return _problem(request, Problem(413, "too_large", "The body is over 1 MiB."))

    @api.exception_handler(HttpError)
    def _malformed(request: HttpRequest, error: HttpError) -> HttpResponse:
        cause = f": {error.__cause__}" if isinstance(error.__cause__, ValueError) else ""
        return _problem(request, Problem(error.status_code, "malformed", f"{error}{cause}"))

    @api.exception_handler(SalesforceError)
    def _unreadable(_request: HttpRequest, error: SalesforceError) -> HttpResponse:
        """Not the caller's fault: the event is kept and tried again by itself."""
        return _later("salesforce_unavailable", f"Kept, and tried again by itself. {error}")

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    def _no_database(_request: HttpRequest, error: Exception) -> HttpResponse:
        """Nothing can be kept, not even that there was a call."""
        if is_collision(error):
            words = "Another call changed the same at this moment; repeat the call."
            return JsonResponse(Problem(409, "collision", words).as_json(), status=409)
        logger.error("a call could not be kept: %s", error)
        return _later("database_unavailable", "Nothing was kept; repeat the call.")


def _later(code: str, words: str) -> HttpResponse:
    response = JsonResponse(Problem(503, code, words).as_json(), status=503)
    response.headers["Retry-After"] = "60"
    return response


def _sender(request: HttpRequest) -> str:
    return request.headers.get("client-id", "") or "unknown"


def _first_problem(error: ValidationError) -> Problem:
    """The first complaint in words; `loc` starts with where the parameter stands."""
    first = error.errors[0]
    field = ".".join(str(part) for part in first["loc"][2:]) or None
    message = str(first["msg"]).removeprefix("Value error, ")
    if field is None and first["type"] == "missing":
        message = "The body is empty; expected a JSON object."
    if first["type"] == "extra_forbidden":
        message = "This field is not known here; send only fields listed in docs/api.md."
    return Problem(422, "invalid", f"{field}: {message}" if field else message, field)
