"""Which of our errors is a failure of `requests`, of the network under it, or of JSON?"""

from __future__ import annotations

import re
from typing import Final

import requests
import urllib3
from requests import exceptions

from console.salesforce import shapes
from console.salesforce.gateway import (
    Misconfigured,
    SalesforceError,
    Unavailable,
    Unknown,
)
from console.salesforce.redaction import redacted

FAILURES: Final = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)

# The statement that was asked makes the words long and says nothing about the network.
_PATH: Final = re.compile(r"with url: \S+")

_PASSING: Final = (
    exceptions.Timeout,
    exceptions.ConnectionError,
    exceptions.ChunkedEncodingError,  # cut off in the middle
    exceptions.ContentDecodingError,
)


def of_failure(
    error: requests.RequestException | urllib3.exceptions.HTTPError | OSError,
) -> SalesforceError:
    """Our error for one of `FAILURES`."""
    if isinstance(error, exceptions.JSONDecodeError):
        return _of_body(error.doc)
    words = redacted(_PATH.sub("", f"{type(error).__name__}: {error}"))
    if isinstance(error, exceptions.SSLError) and "CERTIFICATE" in words.upper():
        return Misconfigured("CERTIFICATE_REFUSED", words)
    if isinstance(error, exceptions.Timeout) or _is_late(error):
        return Unavailable("TIMEOUT", words, is_unanswered=True)
    if isinstance(error, requests.RequestException) and not isinstance(error, _PASSING):
        return Unknown("BAD_REQUEST", words)  # ours, and never sent
    return Unavailable("CONNECTION_FAILED", words, is_unanswered=True)


def _is_late(error: Exception) -> bool:
    """Whether the time ran out in the middle of the answer."""
    return any(isinstance(each, urllib3.exceptions.ReadTimeoutError) for each in error.args)


def _of_body(body: str) -> SalesforceError:
    """A web page comes from a proxy or a maintenance window; cut or broken JSON from nobody."""
    if body.lstrip().startswith("<"):
        return Unavailable("NOT_JSON", "a web page instead of an answer", is_unanswered=True)
    return shapes.no_answer(f"{len(body)} characters that are not JSON")
