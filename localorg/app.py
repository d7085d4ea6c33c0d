"""The org as a web application: sign-in, the REST API, the control surface and the pages."""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from localorg import composite, control, describe, limits, oauth, pages, times, trouble
from localorg.calls import Answer, Call, refusal
from localorg.errors import ApiError
from localorg.faults import Target, target_of_record
from localorg.jsontext import encoded
from localorg.org import Org
from localorg.routes import dispatch

logger = logging.getLogger("localorg")
LONGEST_URI = 16_384
LOWEST_VERSION, HIGHEST_VERSION = 31, 66
WITH_BODY = frozenset({"POST", "PATCH", "PUT"})


def build(org: Org, *, connections: trouble.Connections) -> Starlette:
    """The application for this org. `connections` lets scripted faults break one of them."""
    app = Starlette(
        routes=[
            Route("/services/oauth2/token", token, methods=["POST"]),
            Route("/services/oauth2/userinfo", user_info, methods=["GET", "POST"]),
            Route("/id/{organization_id}/{user_id}", user_info),
            Route("/services/data", versions),
            Route("/services/data/", versions),
            Route(
                "/services/data/v{version}{path:path}",
                rest,
                methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
            ),
            *control.routes(),
            *pages.routes(),
        ]
    )
    app.state.org = org
    app.state.connections = connections
    return app


async def token(request: Request) -> Response:
    org: Org = request.app.state.org
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    return await _with_faults(request, None, lambda: _token(org, form, request))


def _token(org: Org, form: dict[str, str], request: Request) -> Response:
    authorization = request.headers.get("authorization", "")
    address = str(request.base_url).rstrip("/")
    try:
        body = oauth.token_answer(org, form, authorization=authorization, address=address)
        return JSONResponse(body)
    except oauth.GrantRefused as refused:
        return JSONResponse(refused.body, status_code=400)


async def user_info(request: Request) -> Response:
    org: Org = request.app.state.org
    try:
        user_id = oauth.user_of(org, request.headers.get("authorization", ""))
    except ApiError as error:
        return JSONResponse(error.body(), status_code=error.status)
    return JSONResponse(oauth.user_info(org, user_id))


async def versions(_request: Request) -> Response:
    return JSONResponse(describe.versions(LOWEST_VERSION, HIGHEST_VERSION))


async def rest(request: Request) -> Response:
    """One call of the REST API, from scripted trouble before it to scripted trouble after it."""
    org: Org = request.app.state.org
    raw = await request.body()
    uri = request.scope["raw_path"] + b"?" + request.scope["query_string"]
    if len(uri) > LONGEST_URI:
        return PlainTextResponse("URI Too Long", status_code=414)
    if org.settings.latency_ms:
        await asyncio.sleep(org.settings.latency_ms / 1000)
    try:
        body = _parsed(raw) if request.method in WITH_BODY else None
    except ApiError as error:
        return JSONResponse(error.body(), status_code=error.status)
    return await _with_faults(request, body, lambda: _answer(org, request, body))


async def _with_faults(request: Request, body: Any, answer: Callable[[], Response]) -> Response:
    org: Org = request.app.state.org
    started = time.perf_counter()
    path = request.url.path
    rules = org.faults.for_request(request.method, path, targets=lambda: targets(path, body))
    response = await trouble.happens(rules, when="before", org=org, request=request)
    if response is None:
        response = answer()
        after = await trouble.happens(
            rules, when="after", org=org, request=request, answer=response
        )
        response = after or response
    org.requests.append(
        {
            "at": times.now_exact(),
            "method": request.method,
            "path": path,
            "status": response.status_code,
            "ms": round((time.perf_counter() - started) * 1000, 2),
            "request_id": response.headers.get("x-request-id"),
            "collections": sizes_of_collections(body),
        }
    )
    return response


def _answer(org: Org, request: Request, body: Any) -> Response:
    request_id = request.headers.get("x-request-id") or uuid.uuid4().hex
    try:
        answer = _dispatched(org, request, body, request_id=request_id)
    except Exception:
        logger.exception("%s %s", request.method, request.url.path)
        error = ApiError(
            "UNKNOWN_EXCEPTION", f"An unexpected error occurred: {request_id}", status=500
        )
        answer = refusal(error)
    headers = {**answer.headers, **limits.header(org), "X-Request-Id": request_id}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    return Response(
        encoded(answer.body),
        status_code=answer.status,
        headers=headers,
        media_type="application/json;charset=UTF-8",
    )


def _dispatched(org: Org, request: Request, body: Any, *, request_id: str) -> Answer:
    try:
        version = _known_version(request.path_params["version"])
        user_id = oauth.user_of(org, request.headers.get("authorization", ""))
        limits.count_call(org)
    except ApiError as error:
        return refusal(error)
    call = Call(
        method=request.method,
        path=request.path_params["path"].strip("/"),
        version=version,
        request_id=request_id,
        user_id=user_id,
        query=dict(request.query_params),
        headers=request.headers,
        body=body,
    )
    return dispatch(org, call)


def _known_version(text: str) -> str:
    number, _, rest_of_it = text.partition(".")
    known = number.isdigit() and LOWEST_VERSION <= int(number) <= HIGHEST_VERSION
    if not known or rest_of_it != "0":
        raise ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
    return text


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw.strip() else None
    except (ValueError, RecursionError) as error:
        raise ApiError(
            "JSON_PARSER_ERROR", f"The HTTP entity body is not valid JSON: {error}"
        ) from error


def sizes_of_collections(body: Any) -> list[int]:
    """How many records each collection of a request carries, those in subrequests included."""
    bodies = [body, *(inner for _method, _url, inner in composite.subcalls(body))]
    listed = [each.get("records") for each in bodies if isinstance(each, dict)]
    return [len(records) for records in listed if isinstance(records, list)]


def targets(path: str, body: Any) -> Iterator[Target]:
    """Every record that a request names, in its path, in its body or in its subrequests."""
    parts = path.split("/sobjects/", 1)[-1].split("/") if "/sobjects/" in path else []
    if parts and "/composite/" not in path:
        record_id = parts[1] if len(parts) == 2 else ""
        named = {"key": parts[-1], **(body if isinstance(body, dict) else {})}
        yield target_of_record(parts[0], record_id=record_id, body=named)
    records = body.get("records") if isinstance(body, dict) else None
    for record in records if isinstance(records, list) else []:
        if isinstance(record, dict):
            described = record.get("attributes") or {}
            name = described.get("type") or (parts[0] if parts else "")
            record_id = record.get("Id") or record.get("id") or ""
            yield target_of_record(name, record_id=str(record_id), body=record)
    for _method, url, inner in composite.subcalls(body):
        yield from targets(url, inner)
