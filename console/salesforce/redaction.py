"""What of Salesforce's words may be kept: everything but secrets, on one line, not too long."""

from __future__ import annotations

import re
from typing import Final

MAX_LENGTH: Final = 2000

_SECRETS: Final = re.compile(
    r"00D[A-Za-z0-9]{12,15}![\w.]+"  # a session id or access token: org id, "!", the rest
    r"|eyJ[\w-]+\.[\w-]+(?:\.[\w-]+)?"  # a JSON Web Token
    r"|(?i:bearer|basic|oauth)\s+[\w.!~+/=-]{20,}"  # an Authorization header
    r"|-----BEGIN[^-]*PRIVATE KEY-----.*?(?:-----END[^-]*-----|\Z)"
    r"|(?i:client_secret|assertion|access_token|refresh_token)[\"']?\s*[=:]\s*[\"']?[^\s\"'&,}]+",
    re.DOTALL,
)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def without_secrets(words: str) -> str:
    """The words without what looks like a token or key."""
    return _SECRETS.sub("[secret]", words)


def redacted(words: str) -> str:
    """The words without tokens, keys and control characters."""
    clean = _UNPRINTABLE.sub(" ", without_secrets(words)).strip()
    return clean if len(clean) <= MAX_LENGTH else clean[: MAX_LENGTH - 1] + "…"


def redacted_json(value: object) -> object:
    """The same for every text inside a JSON value."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {redacted(str(key)): redacted_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [redacted_json(item) for item in value]
    return value
