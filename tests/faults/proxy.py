"""A TCP proxy before the org, which breaks the line in the ways in which networks break."""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from contextlib import suppress
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

_PIECE: Final = 65536
_LOOK_UP_SECONDS: Final = 0.05
_SLOW_SECONDS: Final = 0.3
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: closing says RST instead of FIN


class Line(StrEnum):
    """What becomes of what is sent, over connections that are open already too."""

    PASSES = "passes"
    BLACK_HOLE = "black hole"
    """It is taken, and goes nowhere."""
    HALF_OPEN = "half open"
    """It arrives, and no answer comes back."""
    RESET = "reset"
    SLOW = "slow"
    """Every piece of an answer waits."""


class Proxy:
    """Listens on a port of its own and passes on to `target`, as `line` allows."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.line = Line.PASSES
        self._is_closed = threading.Event()
        self._threads = [threading.Thread(target=self._accept, name="proxy")]
        self._threads[0].start()

    def close(self) -> None:
        self._is_closed.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self._is_closed.is_set():
            if not select.select([self._listener], [], [], _LOOK_UP_SECONDS)[0]:
                continue
            client, _ = self._listener.accept()
            thread = threading.Thread(target=self._serve, args=(client,), name="proxy")
            thread.start()
            self._threads.append(thread)

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(self._target) as server:
            while not self._is_closed.is_set() and self._relay(client, server):
                continue

    def _relay(self, client: socket.socket, server: socket.socket) -> bool:
        """Whether the connection goes on."""
        readable = select.select([client, server], [], [], _LOOK_UP_SECONDS)[0]
        if self.line is Line.RESET:
            for each in (client, server):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return False
        for source in readable:
            piece = source.recv(_PIECE)
            if not piece:
                return False
            if source is client and self.line is not Line.BLACK_HOLE:
                server.sendall(piece)
            if source is server and self.line not in (Line.BLACK_HOLE, Line.HALF_OPEN):
                time.sleep(_SLOW_SECONDS if self.line is Line.SLOW else 0)
                client.sendall(piece)
        return True
