"""What a log-in gave and taught, in the form in which processes hand it to one another.

A worker forks for every drain: without this each of them would log in anew and learn again which
fields the org lacks.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Protocol

from console.salesforce.credentials import Credentials


class Keeper(Protocol):
    """Keeps one text secret. Losing it costs a log-in."""

    def load(self) -> str: ...

    def save(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Token:
    """What a log-in gave."""

    access_token: str = field(repr=False)
    instance_url: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A token, and what the org was found to have while it was in use."""

    token: Token
    optional_fields: frozenset[str]


def written(kept: Kept, *, credentials: Credentials) -> str:
    """As text, which is of no use to other credentials."""
    return json.dumps(
        {
            "for": _fingerprint(credentials),
            "access_token": kept.token.access_token,
            "instance_url": kept.token.instance_url,
            "optional_fields": sorted(kept.optional_fields),
        }
    )


def read(text: str, *, credentials: Credentials) -> Kept | None:
    """None when nothing was kept, or not for these credentials, or by another version."""
    try:
        found = json.loads(text or "{}")
        if found.get("for") != _fingerprint(credentials):
            return None
        return Kept(
            Token(found["access_token"], found["instance_url"]),
            frozenset(found["optional_fields"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _fingerprint(credentials: Credentials) -> str:
    parts = (
        credentials.base_url,
        credentials.client_id,
        credentials.client_secret,
        credentials.username,
        credentials.private_key,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
