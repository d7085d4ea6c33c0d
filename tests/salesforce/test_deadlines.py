"""How long an answer may take, on the way there and behind a proxy too."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
import requests

from console.salesforce import network
from console.salesforce.deadlines import PunctualAnswer
from console.salesforce.transport import MeteredSession, Timeouts
from tests.salesforce.scripted import TRICKLE_SECONDS

REAL = "https://acme.my.salesforce.com"
BOUND = 60.0


@pytest.fixture
def trickling_proxy() -> Iterator[str]:
    """The address of a proxy that agrees to everything, byte by byte."""
    is_over = threading.Event()

    def agree() -> None:
        near, _ = listening.accept()
        with closing(near), suppress(OSError):
            near.recv(4096)
            for byte in b"HTTP/1.1 200 Connection established\r\nVia: 1.1 the-scenic-route\r\n\r\n":
                near.send(bytes([byte]))
                is_over.wait(TRICKLE_SECONDS)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=agree)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        is_over.set()
        thread.join()


def test_a_proxy_may_not_trickle_either(trickling_proxy: str) -> None:
    """Without a deadline the tunnel would be agreed to in the end, and break for want of TLS."""
    with MeteredSession(REAL, timeouts=Timeouts(connect=0.5, read=0.5)) as session:
        session.proxies = {"https": trickling_proxy}
        with pytest.raises(requests.Timeout) as failed:
            session.get(REAL)
    assert network.of_failure(failed.value).code == "TIMEOUT"


def test_a_socket_grants_the_next_request_what_it_granted_this_one() -> None:
    near, far = socket.socketpair()
    with closing(near), closing(far):
        near.settimeout(BOUND)
        far.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        answer = PunctualAnswer(near)
        answer.begin()
        assert answer.read() == b"ok"
        assert near.gettimeout() == BOUND


def test_an_answer_over_a_socket_that_waits_for_ever_has_no_deadline() -> None:
    near, far = socket.socketpair()
    with closing(near), closing(far):
        far.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        answer = PunctualAnswer(near)
        answer.begin()
        assert (answer.status, near.gettimeout()) == (204, None)
