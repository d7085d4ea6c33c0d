"""`/localorg`: what a test or the demo may do to the org that no Salesforce user can.

Answered only to callers on this machine, and never to a page in a browser.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localorg import journal, limits, oauth, settings
from localorg.errors import ApiError
from localorg.jsontext import encoded
from localorg.load import loaded
from localorg.org import ORGANIZATION_ID, Org, add_people

Endpoint = Callable[[Request], Awaitable[Response]]


def is_local(request: Request) -> bool:
    """Whether the caller is a process on this machine."""
    host = request.client.host if request.client else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def guarded(answer: Callable[[Org, Request], Awaitable[Any]]) -> Endpoint:
    """An endpoint that answers JSON, refuses strangers and words refusals as the REST API does."""

    async def endpoint(request: Request) -> Response:
        # A web page that the user happens to look at could post here; browsers name it in Origin.
        if not is_local(request) or "origin" in request.headers:
            return JSONResponse({"error": "only for programs on this machine"}, status_code=403)
        try:
            found = await answer(request.app.state.org, request)
            return Response(encoded(found), media_type="application/json")
        except ApiError as error:
            return JSONResponse(error.body(), status_code=error.status)

    return endpoint


async def json_body(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        raise ApiError("JSON_PARSER_ERROR", "the body must be JSON") from None


async def health(org: Org, _request: Request) -> Any:
    return {"status": "ready", "organization_id": ORGANIZATION_ID, "api_usage": limits.used(org)}


async def read_journal(org: Org, request: Request) -> Any:
    asked = request.query_params
    return journal.entries(
        org.store,
        after=whole_number(asked.get("after", "0")),
        limit=whole_number(asked.get("limit", "10000")),
        object_name=asked.get("object"),
        record_id=asked.get("record_id"),
    )


async def count_journal(org: Org, _request: Request) -> Any:
    return journal.count(org.store)


async def read_requests(org: Org, _request: Request) -> Any:
    return list(org.requests)


async def read_faults(org: Org, _request: Request) -> Any:
    return [asdict(rule) for rule in org.faults.rules]


async def add_faults(org: Org, request: Request) -> Any:
    described = await json_body(request)
    org.faults.add(described if isinstance(described, list) else [described])
    return await read_faults(org, request)


async def clear_faults(org: Org, request: Request) -> Any:
    org.faults.clear()
    return await read_faults(org, request)


async def read_settings(org: Org, _request: Request) -> Any:
    return asdict(org.settings)


async def change_settings(org: Org, request: Request) -> Any:
    changes = await json_body(request)
    if not isinstance(changes, dict):
        raise ApiError("INVALID_SETTING", "settings are an object")
    settings.change(org.settings, org.store, changes=changes)
    return asdict(org.settings)


async def expire_tokens(org: Org, _request: Request) -> Any:
    oauth.expire_all(org)
    return {"expired": True}


async def load(org: Org, request: Request) -> Any:
    data = await json_body(request)
    if not isinstance(data, dict):
        raise ApiError("JSON_PARSER_ERROR", "give an object of arrays: object name -> records")
    done: dict[str, list[str]] = {}
    for done in loaded(org, data):  # noqa: B007  # the last one is the whole
        await asyncio.sleep(0)  # Other callers are served between two chunks.
    return done


async def reset(org: Org, _request: Request) -> Any:
    org.store.empty()
    add_people(org.store)
    org.faults.clear()
    org.cursors.opened.clear()
    org.requests.clear()
    return {"reset": True}


def whole_number(text: str) -> int:
    if not text.isdigit():
        raise ApiError("INVALID_NUMBER", f"{text[:40]!r} is not a whole number")
    return int(text)


def routes() -> list[Route]:
    table: list[tuple[str, str, Callable[[Org, Request], Awaitable[Any]]]] = [
        ("GET", "/health", health),
        ("GET", "/journal", read_journal),
        ("GET", "/journal/count", count_journal),
        ("GET", "/requests", read_requests),
        ("GET", "/faults", read_faults),
        ("POST", "/faults", add_faults),
        ("DELETE", "/faults", clear_faults),
        ("GET", "/settings", read_settings),
        ("PATCH", "/settings", change_settings),
        ("POST", "/expire-tokens", expire_tokens),
        ("POST", "/load", load),
        ("POST", "/reset", reset),
    ]
    return [
        Route(f"/localorg{path}", guarded(answer), methods=[method])
        for method, path, answer in table
    ]
