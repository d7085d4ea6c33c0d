"""Keeps the test run on this machine: any other address fails the test that asks for it."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

_TO_AN_ADDRESS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_TO_A_NAME: Final = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
)


def stay_at_home() -> None:
    """From now on, and for good, this process reaches the loopback only.

    Also reachable: Unix sockets, and the hosts of DATABASE_URL and REDIS_URL, which were given
    for this purpose. An audit hook sees every socket, also those of libraries' own classes.
    """
    allowed = {"", "localhost", socket.gethostname(), *_given_hosts()}

    def refuse_strangers(event: str, args: tuple[Any, ...]) -> None:
        if event in _TO_AN_ADDRESS and isinstance(args[1], tuple):
            host = args[1][0]
        elif event in _TO_A_NAME:
            host = args[0]
        else:
            return
        if isinstance(host, bytes):
            host = host.decode()
        if isinstance(host, str) and host not in allowed and not _is_here(host):
            # Not an OSError: the code under test would take that for a server that is down.
            pytest.fail(f"a test wanted to reach {host!r}; tests may talk to the loopback only")

    sys.addaudithook(refuse_strangers)


def _given_hosts() -> set[str]:
    urls = (os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL"))
    return {urlsplit(url).hostname or "" for url in urls}


def _is_here(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
