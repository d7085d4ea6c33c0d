"""What is needed to log in to an org."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from console.salesforce.addresses import check_base_url

_VERSION: Final = re.compile(r"[1-9][0-9]\.0", re.ASCII)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The address of an org and one of two ways in; its secrets never appear in its repr.

    Client credentials: `client_secret`. JWT bearer: `username` and `private_key` (PEM, RSA).
    Errors: ValueError (InvalidAddress for the address) that names the field.
    """

    base_url: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    private_key: str | None = field(default=None, repr=False)
    api_version: str = "62.0"

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", check_base_url(self.base_url))
        if not self.client_id:
            raise ValueError("client_id is empty: expected the consumer key of the app")
        if not _VERSION.fullmatch(self.api_version):
            raise ValueError(f"api_version is {self.api_version!r}: expected a form like 62.0")
        has_key = bool(self.username and self.private_key)
        if has_key == bool(self.client_secret):
            raise ValueError(
                "either client_secret, or username and private_key: exactly one way to log in"
            )
