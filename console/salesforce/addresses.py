"""Which hosts may ever be sent our secrets and tokens?

One pattern for the whole text and no URL parser: two parsers that read a URL differently are
how a token ends up with a stranger.
Source: Salesforce help, "My Domain Login and Application URL Formats with Enhanced Domains".
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PARTITIONS: Final = "sandbox|develop|scratch|demo|free|patch|stage|trailblaze"
_MY_DOMAIN: Final = re.compile(
    rf"https://({_LABEL}(?:\.(?:{_PARTITIONS}))?\.my\.salesforce\.com)(?::443)?/?", re.ASCII
)
_LOOPBACK: Final = re.compile(
    r"http://((localhost|127\.[0-9.]{5,11}|\[::1\])(?::([1-9][0-9]{0,4}))?)/?", re.ASCII
)


class InvalidAddress(ValueError):
    """Says which addresses are accepted, for the person who typed another one."""


def check_base_url(url: str) -> str:
    """The address in its one accepted form: scheme and host, lower case, no path.

    Errors: InvalidAddress for everything but an org's My Domain over https, or a server on
    this machine over http.
    """
    lowered = url.lower()
    if match := _MY_DOMAIN.fullmatch(lowered):
        return f"https://{match[1]}"
    match = _LOOPBACK.fullmatch(lowered)
    if match and _is_loopback(match[2]) and int(match[3] or 80) < 65536:
        return f"http://{match[1]}"
    shown = repr(url if len(url) <= 80 else url[:77] + "...")
    raise InvalidAddress(
        f"{shown} is not an address of a Salesforce org: expected its My Domain, "
        "such as https://acme.my.salesforce.com"
    )


def is_local(base_url: str) -> bool:
    """Whether a checked address is on this machine."""
    return base_url.startswith("http://")


def host_of(base_url: str) -> str:
    """Host and port of a checked address."""
    return base_url.partition("://")[2]


def is_sandbox(base_url: str) -> bool:
    """Whether users of this org log in at test.salesforce.com."""
    host = host_of(base_url)
    return ".sandbox.my." in host or ".scratch.my." in host or "--" in host


def _is_loopback(host: str) -> bool:
    if host in ("localhost", "[::1]"):
        return True
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False
