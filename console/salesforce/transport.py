"""How a request travels: always with a deadline, never redirected, every answer's usage noted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import requests

from console.salesforce.addresses import is_local
from console.salesforce.deadlines import PunctualAdapter
from console.salesforce.gateway import ApiUsage

_USAGE: Final = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")


Meter = Callable[[ApiUsage | None], None]
"""Told after each API call, with the usage that its own answer spoke of, if it did."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Units: seconds. `read` is for the whole answer, to its last byte, however it trickles."""

    connect: float = 5.0
    read: float = 120.0


class MeteredSession(requests.Session):
    """A session to one org that counts its calls. `meter` is told of each, successful or not."""

    def __init__(self, base_url: str, *, timeouts: Timeouts, meter: Meter | None = None) -> None:
        super().__init__()
        self.calls = 0
        self._meter = meter
        self.usage: ApiUsage | None = None
        """As the latest answer had it that spoke of it."""
        self._timeout = (timeouts.connect, timeouts.read)
        # With no auth of its own, a session would let a .netrc entry replace our token.
        self.auth = _as_it_is
        # A hook and not the return value: it sees refusals and truncated answers too.
        self.hooks["response"].append(self._note_usage)
        self._noted: ApiUsage | None = None
        if is_local(base_url):
            self.trust_env = False
            self.mount("https://", _PlainHttp())
        else:
            self.mount("https://", PunctualAdapter())
            del self.adapters["http://"]

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """The answer; a redirect is handed back, since following one would carry the token."""
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._timeout
        kwargs["allow_redirects"] = False
        self._noted = None
        try:
            return super().send(request, **kwargs)
        finally:
            if "/services/data/" in (request.url or ""):
                self.calls += 1
                if self._meter is not None:
                    self._meter(self._noted)

    def _note_usage(self, response: requests.Response, **_: object) -> None:
        if match := _USAGE.search(response.headers.get("Sforce-Limit-Info", "")):
            self.usage = self._noted = ApiUsage(used=int(match[1]), maximum=int(match[2]))


class _PlainHttp(PunctualAdapter):
    """simple_salesforce writes https:// before every host; a server on this machine has no TLS."""

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        request.url = "http" + (request.url or "").removeprefix("https")
        return super().send(request, *args, **kwargs)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
