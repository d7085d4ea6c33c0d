"""JSON as it is sent and kept. What callers send is read by `json`, which takes more than this."""

import json
from typing import Any

import orjson


def encoded(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        # A refusal may quote half a character or a huge number, which only `json` can spell.
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def decoded(text: str) -> Any:
    """The value of a text that was encoded here."""
    return orjson.loads(text)
