"""Where to listen: a taken port and a public address are refused together with the cure."""

from __future__ import annotations

import socket

import pytest

from console.local import ports
from console.local.errors import LocalError
from console.local.start import require_private


def test_a_taken_port_is_refused_and_another_found() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        taken = server.getsockname()[1]
        assert ports.free_port(preferred=taken) != taken
        with pytest.raises(LocalError, match=rf"port {taken} .* is taken: .*make run PORT="):
            ports.require_free(taken, host=ports.LOOPBACK)
    ports.require_free(taken, host=ports.LOOPBACK)
    assert ports.free_port(preferred=taken) == taken


def test_nobody_answering_is_no_status() -> None:
    assert ports.http_status(ports.free_port(), "/") is None


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("192.0.2.1", 8000, r"cannot listen on 192\.0\.2\.1, port 8000 .*: set HOST or PORT"),
        ("127.0.0.1", 0, "PORT=0: expected a number from 1 to 65535"),
        ("127.0.0.1", 65536, "PORT=65536: expected"),
    ],
)
def test_an_address_that_is_none_of_ours_is_said(host: str, port: int, said: str) -> None:
    with pytest.raises(LocalError, match=said):
        ports.require_free(port, host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_the_local_sign_ins_are_offered_on_the_loopback(host: str) -> None:
    require_private(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_the_local_sign_ins_are_not_offered_to_the_network(host: str) -> None:
    with pytest.raises(LocalError, match="whose passwords everybody knows"):
        require_private(host)
