"""TCP ports of this machine: which are free, and whether a web server answers on one."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing

from console.local.errors import LocalError

LOOPBACK = "127.0.0.1"


def is_free(port: int, *, host: str = LOOPBACK) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As gunicorn does: a port that merely waits for late packets is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
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
    if not is_free(port, host=host):
        raise LocalError(
            f"port {port} on {host} is taken: choose another one, as in `make run PORT={port + 10}`"
            " (a second copy also needs its own DATA_DIR)"
        )


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
