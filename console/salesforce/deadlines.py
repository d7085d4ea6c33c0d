"""How long an answer may take altogether: `requests` bounds each silence; a trickle has none."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import TYPE_CHECKING, Any, Final

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


_AT_ONCE: Final = 2**18
"""An answer for a thousand records has half a million bytes."""


class PunctualAdapter(HTTPAdapter):
    """Gives an answer, from its first line to its last byte, the time that is set for reading."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class _UntilDeadline(io.RawIOBase):
    """What a socket receives, within the time that it grants a single wait."""

    def __init__(self, source: io.RawIOBase, *, sock: socket.socket) -> None:
        super().__init__()
        self._source = source
        self._sock = sock
        self._granted = sock.gettimeout()
        self._began = time.monotonic()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if self._granted is None:
            return self._source.readinto(buffer)
        left = self._began + self._granted - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer trickles")
        self._sock.settimeout(left)
        try:
            return self._source.readinto(buffer)
        finally:
            # The next request over this connection is sent within it.
            self._sock.settimeout(self._granted)

    def close(self) -> None:
        self._source.close()
        super().close()


class PunctualAnswer(http.client.HTTPResponse):
    """An answer that has as long altogether as the socket grants a single wait."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_UntilDeadline(self.fp.detach(), sock=sock), _AT_ONCE)


class _Connection(HTTPConnection):
    response_class = PunctualAnswer


class _SecureConnection(HTTPSConnection):
    response_class = PunctualAnswer


class HttpPool(HTTPConnectionPool):
    ConnectionCls = _Connection


class HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS: Final = {"http": HttpPool, "https": HttpsPool}
