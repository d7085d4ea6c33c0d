"""Ports: a taken one is said together with its cure."""

from __future__ import annotations

import socket

import pytest

from console.local import ports
from console.local.errors import LocalError


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
