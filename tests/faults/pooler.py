"""A connection pooler in transaction mode, as small as it can be.

A client has a connection to the database from the first message of a transaction to its end, and
the next one then. Two connections take turns, so that whatever a session was told is soon missing.

Source: PostgreSQL manual, "Frontend/Backend Protocol".
"""

from __future__ import annotations

import queue
import select
import socket
import struct
import threading
from contextlib import suppress
from typing import Final

import psycopg

_PIECE: Final = 65536
_LOOK_UP_SECONDS: Final = 0.05
_NOT_ENCRYPTED: Final = (80877103, 80877104)  # SSLRequest, GSSENCRequest
_TOLD: Final = (
    *("server_version", "server_encoding", "client_encoding", "DateStyle", "IntervalStyle"),
    *("TimeZone", "integer_datetimes", "standard_conforming_strings", "is_superuser"),
)
_GOODBYE: Final = b"X"
_READY: Final = b"Z"
_IDLE: Final = b"I"


class Pooler:
    """Listens on a port of its own. `transactions`: how many it has passed on."""

    def __init__(self, url: str, *, size: int = 2) -> None:
        self._url = url
        self._free: queue.Queue[psycopg.Connection] = queue.Queue()
        for _ in range(size):
            self._free.put(self._connect())
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        database = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        self.url = f"postgresql://anyone@127.0.0.1:{port}/{database}"
        self.transactions = 0
        self._is_closed = threading.Event()
        self._threads = [threading.Thread(target=self._accept, name="pooler")]
        self._threads[0].start()

    def close(self) -> None:
        self._is_closed.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()
        while not self._free.empty():
            self._free.get().close()

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._url, autocommit=True)

    def _accept(self) -> None:
        while not self._is_closed.is_set():
            if not select.select([self._listener], [], [], _LOOK_UP_SECONDS)[0]:
                continue
            client, _ = self._listener.accept()
            thread = threading.Thread(target=self._serve, args=(client,), name="pooler")
            thread.start()
            self._threads.append(thread)

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            self._welcome(client)
            while not self._is_closed.is_set():
                if not select.select([client], [], [], _LOOK_UP_SECONDS)[0]:
                    continue
                if client.recv(1, socket.MSG_PEEK) in (b"", _GOODBYE):
                    return
                self._one_transaction(client)

    def _welcome(self, client: socket.socket) -> None:
        """Signs the client in, whoever it is, and tells what a server tells at the start."""
        while True:
            (length,) = struct.unpack("!I", _exactly(client, 4))
            (code,) = struct.unpack("!I", _exactly(client, length - 4)[:4])
            if code not in _NOT_ENCRYPTED:
                break
            client.sendall(b"N")
        server = self._free.get()
        told = [(name, server.info.parameter_status(name) or "") for name in _TOLD]
        self._free.put(server)
        client.sendall(
            _message(b"R", struct.pack("!I", 0))
            + b"".join(_message(b"S", f"{n}\0{value}\0".encode()) for n, value in told)
            + _message(b"K", struct.pack("!II", 0, 0))
            + _message(_READY, _IDLE)
        )

    def _one_transaction(self, client: socket.socket) -> None:
        connection = self._free.get()
        try:
            with socket.socket(fileno=_own_copy(connection)) as server:
                _relay(client, server)
        except OSError:
            # The client left in the middle: nobody else may find its transaction open.
            connection.close()
            connection = self._connect()
            raise
        finally:
            self._free.put(connection)
            self.transactions += 1


def _own_copy(connection: psycopg.Connection) -> int:
    with socket.socket(fileno=connection.fileno()) as shared:
        copy = shared.dup()
        shared.detach()
    return copy.detach()


def _relay(client: socket.socket, server: socket.socket) -> None:
    """Until the server says that no transaction is open any more."""
    answer = b""
    while True:
        for source in select.select([client, server], [], [])[0]:
            piece = source.recv(_PIECE)
            if not piece:
                raise ConnectionResetError
            if source is client:
                server.sendall(piece)
                continue
            client.sendall(piece)
            answer += piece
            last = b""
            while len(answer) >= 5 and len(answer) > (end := _end(answer)):
                last, answer = answer[: end + 1], answer[end + 1 :]
            if not answer and last[:1] == _READY and last[-1:] == _IDLE:
                return


def _end(answer: bytes) -> int:
    """Where the first message has its last byte."""
    (length,) = struct.unpack("!I", answer[1:5])
    return int(length)


def _message(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!I", len(content) + 4) + content


def _exactly(connection: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = connection.recv(count - len(found))
        if not piece:
            raise ConnectionResetError
        found += piece
    return found
