"""The org as a process: a bound port, one line when it is ready, a clean end on SIGTERM."""

import errno
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from localorg import app
from localorg.org import Credentials, Org, open_org

# Longer than any address that Salesforce accepts, so that the application can refuse it itself.
LONGEST_HEAD = 262_144


class PortTaken(Exception):
    """Somebody else listens on the wanted port."""


class Server(uvicorn.Server):
    """A server that says when it accepts connections."""

    def __init__(self, config: uvicorn.Config, *, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready()


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket. PortTaken when the port is not free."""
    # asyncio switches Nagle's delay off only where the protocol is named; unnamed, every answer
    # of two packets waits 40 ms for the client's acknowledgement.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"port {port} on {host} is taken by another program") from error
        raise
    return listener


def prepared(
    listener: socket.socket,
    *,
    data: Path,
    credentials: Credentials,
    ready: Callable[[str], None],
) -> tuple[Server, Org]:
    """The server for this socket, and the org it serves; `ready` is told the address."""
    host, port = listener.getsockname()[:2]
    org = open_org(data, credentials=credentials)
    org.base_url = f"http://{host}:{port}"
    config = uvicorn.Config(
        app.build(org, connections=lambda: server.server_state.connections),
        http="h11",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )
    server = Server(config, ready=lambda: ready(org.base_url))
    return server, org
