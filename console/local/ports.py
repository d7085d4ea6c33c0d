"""TCP ports of this machine: which are free, and whether a web server answers on one."""

from __future__ import annotations

import errno
import http.client
import socket
from contextlib import closing

from console.local.errors import LocalError

LOOPBACK = "127.0.0.1"


def is_free(port: int, *, host: str = LOOPBACK) -> bool:
    try:
        _listen(port, host=host)
    except OSError:
        return False
    return True


def free_port(*, preferred: int = 0) -> int:
    """The preferred port if nobody listens there, else any free one."""
    if preferred and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def require_free(port: int, *, host: str) -> None:
    """Errors: LocalError with the cure when nobody could listen there now."""
    if not 0 < port < 65536:
        raise LocalError(f"PORT={port}: expected a number from 1 to 65535")
    try:
        _listen(port, host=host)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise LocalError(
                f"port {port} on {host} is taken: choose another one, as in"
                f" `make run PORT={port + 10}` (a second copy also needs its own DATA_DIR)"
            ) from error
        raise LocalError(
            f"cannot listen on {host}, port {port} ({error.strerror}): set HOST or PORT"
        ) from error


def _listen(port: int, *, host: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As gunicorn does: a port that merely waits for late packets is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def http_status(
    port: int, path: str, *, host: str = LOOPBACK, name: str | None = None
) -> int | None:
    """The status that GET answers with, None when nobody does. No proxy is asked."""
    headers = {"Host": name} if name else {}
    with closing(http.client.HTTPConnection(host, port, timeout=2)) as connection:
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
