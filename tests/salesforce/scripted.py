"""An HTTP server that answers what it is told to: for faults of the wire that no org makes."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

TOKEN_PATH = "/services/oauth2/token"
TRICKLE_SECONDS = 0.05


@dataclass(frozen=True)
class Answer:
    """What goes back. `cut` bytes at the end are announced but never sent."""

    status: int = 200
    body: object = None
    text: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0

    def payload(self) -> bytes:
        return (json.dumps(self.body) if self.text is None else self.text).encode()


class Hang:
    """The request is read, and nothing ever comes back."""


class Reset:
    """The connection is torn down without an answer."""


@dataclass(frozen=True)
class Held:
    """An answer that waits until the test opens the gate."""

    answer: Answer


@dataclass(frozen=True)
class Trickle:
    """An answer whose head or body comes byte by byte, never silent for long."""

    answer: Answer
    part: Literal["head", "body"]


Step = Answer | Hang | Reset | Held | Trickle

EXPIRED = Answer(401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}])


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: str
    query: str = ""


class ScriptedServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}"
        self.steps: deque[Step] = deque()
        self.logins: deque[Step] = deque()
        self.seen: list[Seen] = []
        self.revoked: set[str] = set()
        self.gate = threading.Event()
        self._tokens = 0

    def will(self, *steps: Step) -> None:
        """Answer the next API requests so."""
        self.steps.extend(steps)

    def next_step(self, path: str, *, authorization: str) -> Step:
        if path != TOKEN_PATH:
            return EXPIRED if authorization in self.revoked else self.steps.popleft()
        if self.logins:
            return self.logins.popleft()
        self._tokens += 1
        token = f"00D000000000001!token{self._tokens}"
        return Answer(body={"access_token": token, "instance_url": self.base_url})

    def api_requests(self) -> list[Seen]:
        return [one for one in self.seen if one.path != TOKEN_PATH]

    def logins_seen(self) -> int:
        return len(self.seen) - len(self.api_requests())

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away mid-answer is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        path, _, query = self.path.partition("?")
        self.server.seen.append(Seen(self.command, path, dict(self.headers), body, query))
        authorization = self.headers.get("Authorization", "")
        match self.server.next_step(path, authorization=authorization):
            case Hang():
                self.server.gate.wait()
                self.close_connection = True
            case Reset():
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                self.close_connection = True
            case Held(answer):
                self.server.gate.wait()
                self._send(answer)
            case Trickle(answer, part):
                self._trickle(answer.payload(), part=part)
            case Answer() as answer:
                self._send(answer)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815, the base class looks for these names

    def _send(self, answer: Answer) -> None:
        payload = answer.payload()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload) + answer.cut))
        self.end_headers()
        self.wfile.write(payload)
        if answer.cut:
            self.close_connection = True

    def _trickle(self, payload: bytes, *, part: Literal["head", "body"]) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(payload)}\r\n\r\n".encode()
        for content, is_slow in ((head, part == "head"), (payload, part == "body")):
            for byte in content if is_slow else ():
                self.wfile.write(bytes([byte]))
                self.server.gate.wait(TRICKLE_SECONDS)
            if not is_slow:
                self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the base class's name
        """Silent: pytest shows what was seen."""


@contextmanager
def running() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.gate.set()
            server.shutdown()
            thread.join()
