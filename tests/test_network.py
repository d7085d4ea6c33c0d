"""The guard of the test run itself: only this machine can be reached."""

from __future__ import annotations

import socket

import pytest

Refused = pytest.fail.Exception


def test_other_machines_are_refused_by_name_and_by_address() -> None:
    with pytest.raises(Refused, match=r"wanted to reach 'example\.com'"):
        socket.create_connection(("example.com", 80))
    with socket.socket() as client, pytest.raises(Refused, match=r"wanted to reach '192\.0\.2\.1'"):
        client.connect_ex(("192.0.2.1", 80))
    with (
        socket.socket(type=socket.SOCK_DGRAM) as client,
        pytest.raises(Refused, match=r"wanted to reach '192\.0\.2\.1'"),
    ):
        client.sendto(b"x", ("192.0.2.1", 53))


def test_the_loopback_and_unix_sockets_are_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"x")
        assert other.recv(1) == b"x"
