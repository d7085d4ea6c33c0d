"""The line to the org: it loses requests and answers, and brings some long after they were sent."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: closing says RST instead of FIN
_LONGEST_SECONDS: Final = 30
_BROKEN: Final = (OSError, http.client.HTTPException)
_NOT_OURS: Final = frozenset({"connection", "content-length", "transfer-encoding"})


class Fate(StrEnum):
    """What becomes of a request."""

    LOST = "the request is lost"
    ANSWER_LOST = "the answer is lost"
    LATE = "the request arrives when nobody waits for it any more"


@dataclass(frozen=True, slots=True)
class Letter:
    """A request as it was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_call(self) -> bool:
        return "/services/data/" in self.path

    @property
    def is_write(self) -> bool:
        return "composite/sobjects" in self.path or b"composite/sobjects" in self.body


class Line:
    """Passes everything on, except for what meets a fate. `calls`, `writes`: how many were sent.

    `late`: what is still on its way.
    """

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target).netloc
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.line = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.clear()

    def clear(self) -> None:
        self.calls = 0
        self.writes = 0
        self.late: list[Letter] = []
        self._of_calls: deque[Fate] = deque()
        self._of_writes: deque[Fate] = deque()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next_call(self, fate: Fate) -> None:
        """The next API call of any kind meets it."""
        self._of_calls.append(fate)

    def next_write(self, fate: Fate) -> None:
        self._of_writes.append(fate)

    @property
    def is_whole(self) -> bool:
        """Whether nothing that is sent now meets a fate."""
        return not (self._of_calls or self._of_writes)

    def mend(self) -> None:
        """Whatever is sent from now on arrives; what is late still does."""
        self._of_calls.clear()
        self._of_writes.clear()

    def bring_what_is_late(self) -> None:
        """Late requests arrive now; nobody hears the answers."""
        letters, self.late = self.late, []
        for letter in letters:
            self.answer(letter)

    def fate_of(self, letter: Letter) -> Fate | None:
        if not letter.is_call:
            return None
        self.calls += 1
        self.writes += letter.is_write
        if letter.is_write and self._of_writes:
            return self._of_writes.popleft()
        return self._of_calls.popleft() if self._of_calls else None

    def answer(self, letter: Letter) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body, as the org gives them."""
        org = http.client.HTTPConnection(self._target, timeout=_LONGEST_SECONDS)
        try:
            org.request(letter.method, letter.path, letter.body or None, letter.headers)
            answer = org.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            org.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    line: Line


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece, or the second waits for the first to be confirmed
    server: _Server

    def do_any(self) -> None:
        line = self.server.line
        length = int(self.headers.get("Content-Length") or 0)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _NOT_OURS}
        letter = Letter(self.command, self.path, headers, self.rfile.read(length))
        fate = line.fate_of(letter)
        try:
            if fate is Fate.LATE:
                line.late.append(letter)
            found = None if fate in (Fate.LOST, Fate.LATE) else line.answer(letter)
        except _BROKEN:
            found = None
        if found is None or fate is not None:
            self._reset()
        else:
            self._tell(*found)

    do_GET = do_POST = do_PATCH = do_DELETE = do_any  # noqa: N815  names that http.server looks for

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.connection.close()

    def _tell(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _NOT_OURS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the test that fails shows its own steps."""
