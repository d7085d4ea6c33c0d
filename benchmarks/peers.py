"""What others would write: the same update of opportunities, by hand, in three ways.

`which`: the first or the second quote of each, so that something is written every time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

from benchmarks.company import quote_record, record_id
from tests.org import Org

FIELD: Final = "monetize__PrimaryQuote__c"
COLLECTION: Final = 200
COMPOSITE: Final = 5
_DATA: Final = "/services/data/v62.0"


def naive(org: Org, count: int, which: int) -> float:
    """Opportunities a second: one call for each, with simple_salesforce's record type."""
    opportunity: Any = _client(org).Opportunity
    started = time.perf_counter()
    for number in range(count):
        opportunity.update(record_id(number), {FIELD: quote_record(number, which)})
    return count / (time.perf_counter() - started)


def collections(org: Org, count: int, which: int) -> float:
    """Opportunities a second: two hundred in a call, the answers looked at."""
    client = _client(org)
    started = time.perf_counter()
    for part in _parts(count, COLLECTION):
        body = {"allOrNone": False, "records": [_update(number, which) for number in part]}
        results: Any = client.restful("composite/sobjects", method="PATCH", json=body)
        assert all(result["success"] for result in results)
    return count / (time.perf_counter() - started)


def bare(org: Org, count: int, which: int) -> float:
    """Opportunities a second: a thousand in a call, bodies made beforehand, answers unread."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {org.token()}"
    session.headers["Content-Type"] = "application/json"
    bodies = [_composite(part, which) for part in _parts(count, COLLECTION * COMPOSITE)]
    started = time.perf_counter()
    for body in bodies:
        answer = session.post(f"{org.url}{_DATA}/composite", data=body)
        assert answer.ok
    return count / (time.perf_counter() - started)


PEERS: Final[dict[str, Callable[[Org, int, int], float]]] = {
    "(a) naive": naive,
    "(b) collections": collections,
    "(c) bare": bare,
}


def _update(number: int, which: int) -> dict[str, object]:
    value = quote_record(number, which)
    return {"attributes": {"type": "Opportunity"}, "id": record_id(number), FIELD: value}


def _composite(numbers: Sequence[int], which: int) -> bytes:
    parts = [numbers[start : start + COLLECTION] for start in range(0, len(numbers), COLLECTION)]
    return json.dumps(
        {
            "allOrNone": False,
            "collateSubrequests": False,
            "compositeRequest": [
                {
                    "method": "PATCH",
                    "url": f"{_DATA}/composite/sobjects",
                    "referenceId": f"part{position}",
                    "body": {
                        "allOrNone": False,
                        "records": [_update(number, which) for number in part],
                    },
                }
                for position, part in enumerate(parts)
            ],
        }
    ).encode()


def _parts(count: int, size: int) -> Iterator[Sequence[int]]:
    for start in range(0, count, size):
        yield range(start, min(start + size, count))


class _PlainHttp(HTTPAdapter):
    """simple_salesforce writes https:// before every host; the local org has no TLS."""

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        request.url = "http" + (request.url or "").removeprefix("https")
        return super().send(request, *args, **kwargs)


def _client(org: Org) -> Salesforce:
    session = requests.Session()
    session.mount("https://", _PlainHttp())
    host = org.url.partition("://")[2]
    return Salesforce(session_id=org.token(), instance=host, version="62.0", session=session)
