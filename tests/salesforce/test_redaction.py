from __future__ import annotations

import pytest

from console.salesforce.redaction import MAX_LENGTH, redacted, redacted_json

TOKEN = "00D5f000000abcdEAA!AQEAQ.x_y.z123"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJjb25zb2xlIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (f"session {TOKEN} expired", "session [secret] expired"),
        (f"Authorization: Bearer {TOKEN}", "Authorization: [secret]"),
        (f"assertion={JWT}&x=1", "[secret]&x=1"),
        (f"saw {JWT} here", "saw [secret] here"),
        ('{"client_secret": "hunter2", "a": 1}', '{"[secret]", "a": 1}'),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "[secret]"),
        ("Basic information is missing", "Basic information is missing"),
        ("line\r\none\x1b[31m", "line one [31m"),
    ],
)
def test_secrets_and_control_characters_go(words: str, expected: str) -> None:
    assert redacted(words) == expected


def test_long_words_are_cut() -> None:
    assert len(redacted("x" * 10_000)) == MAX_LENGTH


def test_texts_inside_json_are_redacted_too() -> None:
    found = redacted_json({"a": [TOKEN, 1, None], TOKEN: {"b": True}})
    assert found == {"a": ["[secret]", 1, None], "[secret]": {"b": True}}
