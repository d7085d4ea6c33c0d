"""Carrying out scripted request faults: waiting, refusing, breaking connections."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from localorg import limits, oauth
from localorg.faults import Rule
from localorg.org import Org

Connections = Callable[[], Iterable[Any]]
DEFAULT_HTML = "<html><head><title>Maintenance</title></head><body>We are down.</body></html>"
DEFAULT_ERROR = [{"message": "The server is unavailable", "errorCode": "SERVER_UNAVAILABLE"}]


class Dropped(Response):
    """No answer: the connection is reset, perhaps after a part of the body."""

    def __init__(self, transport: Any, *, part_of: Response | None = None) -> None:
        super().__init__()
        self.transport = transport
        self.part_of = part_of

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        if self.transport is None:
            pass  # The caller gave up during a delay: there is no connection left to break.
        elif self.part_of is None:
            self.transport.abort()
        else:
            start = {"status": self.part_of.status_code, "headers": self.part_of.raw_headers}
            body = bytes(self.part_of.body)
            await send({"type": "http.response.start", **start})
            half = body[: len(body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            self.transport.close()
        # Until the server has noticed, returning would look to it like a forgotten answer.
        while (await receive())["type"] != "http.disconnect":
            continue


async def happens(
    rules: list[Rule], *, when: str, org: Org, request: Request, answer: Response | None = None
) -> Response | None:
    """Let the rules of this moment happen; what comes back replaces the answer."""
    outcome = answer
    for rule in rules:
        if rule.moment == when:
            outcome = await _happens(rule, org=org, request=request, answer=outcome)
    return outcome


async def _happens(
    rule: Rule, *, org: Org, request: Request, answer: Response | None
) -> Response | None:
    match rule.action:
        case "delay":
            await asyncio.sleep(rule.seconds)
        case "expire_tokens":
            oauth.expire_all(org)
        case "status":
            body = DEFAULT_ERROR if rule.body is None else rule.body
            return JSONResponse(body, status_code=rule.status, headers=limits.header(org))
        case "html":
            return HTMLResponse(rule.body or DEFAULT_HTML, status_code=rule.status)
        case "drop":
            return Dropped(transport_of(request))
        case "truncate":
            return Dropped(transport_of(request), part_of=answer)
    return answer


def transport_of(request: Request) -> Any:
    """The TCP connection that the request came in on, or None when it is closed."""
    connections: Connections = request.app.state.connections
    client = tuple(request.scope["client"])
    return next((each.transport for each in connections() if each.client == client), None)
