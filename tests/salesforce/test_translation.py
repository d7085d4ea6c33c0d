"""No exception of simple_salesforce or requests reaches a caller untranslated."""

from __future__ import annotations

import inspect
import json

import pytest
import requests
import simple_salesforce.exceptions
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.exceptions import SalesforceError as TheirError

from console.salesforce import client
from console.salesforce.gateway import Misconfigured, SalesforceError, Unavailable, Unknown


def classes_of(module: object) -> list[type[Exception]]:
    return [
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Exception) and not issubclass(found, Warning)
    ]


def instance_of(kind: type[Exception]) -> Exception:
    if kind is SalesforceAuthenticationFailed:
        return SalesforceAuthenticationFailed("invalid_grant", "no")
    if issubclass(kind, TheirError):
        return kind("https://acme.my.salesforce.com/x", 500, "query", b"no")
    if issubclass(kind, json.JSONDecodeError):
        return kind("Expecting value", "{", 1)
    return kind("no")


@pytest.mark.parametrize("kind", classes_of(simple_salesforce.exceptions))
def test_each_of_simple_salesforce_is_caught_and_translated(kind: type[Exception]) -> None:
    assert issubclass(kind, client._FOREIGN)
    assert isinstance(client.translated(instance_of(kind)), SalesforceError)


@pytest.mark.parametrize("kind", classes_of(requests.exceptions))
def test_each_of_requests_is_caught_and_translated(kind: type[Exception]) -> None:
    assert issubclass(kind, client._FOREIGN)
    assert isinstance(client.translated(instance_of(kind)), SalesforceError)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (requests.ConnectTimeout("slow"), Unavailable, "TIMEOUT"),
        (requests.ReadTimeout("slow"), Unavailable, "TIMEOUT"),
        (requests.exceptions.ChunkedEncodingError("cut"), Unavailable, "CONNECTION_FAILED"),
        (requests.exceptions.SSLError("unexpected eof"), Unavailable, "CONNECTION_FAILED"),
        (
            requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED"),
            Misconfigured,
            "CERTIFICATE_REFUSED",
        ),
        (requests.exceptions.InvalidURL("x"), Unknown, "BAD_REQUEST"),
        (BrokenPipeError("gone"), Unavailable, "CONNECTION_FAILED"),
        (requests.JSONDecodeError("x", " <html>", 0), Unavailable, "NOT_JSON"),
        (requests.JSONDecodeError("x", '{"a": ', 5), Unknown, "MALFORMED_ANSWER"),
        (KeyError("records"), Unknown, "KeyError"),
    ],
)
def test_what_the_wire_does_is_told_apart(
    error: Exception, kind: type[SalesforceError], code: str
) -> None:
    found = client.translated(error)
    assert (type(found), found.code) == (kind, code)


def test_the_statement_that_was_asked_is_not_repeated_in_the_words() -> None:
    error = requests.ConnectionError(
        "Max retries exceeded with url: /services/data/v62.0/query/?q=SELECT (Caused by refused)"
    )
    words = client.translated(error).words
    assert "SELECT" not in words
    assert "refused" in words
