"""The API allowance: counted on every call, and refused when it is used up."""

from __future__ import annotations

from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceRefusedRequest

from tests.localorg.process import Client


def test_every_answer_says_how_much_is_used(client: Client) -> None:
    first = client.raw("GET", "limits").headers["Sforce-Limit-Info"]
    refused = client.raw("GET", "sobjects/Nope").headers["Sforce-Limit-Info"]

    used, limit = (int(part) for part in first.removeprefix("api-usage=").split("/"))
    assert (used, limit) == (1, 100_000)
    assert refused == "api-usage=2/100000"
    client.sf.query("SELECT Id FROM Account")
    assert client.sf.api_usage["api-usage"].used == 3


def test_limits_tell_what_remains(client: Client) -> None:
    assert client.sf.limits()["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_999}


def test_the_last_call_is_the_last(client: Client) -> None:
    client.org.set(api_limit=2)
    client.sf.limits()
    client.opportunity()

    with pytest.raises(SalesforceRefusedRequest) as refused:
        client.sf.limits()

    content: Any = refused.value.content
    assert content == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]
    client.org.set(api_limit=3)
    client.sf.limits()


def test_record_counts(client: Client) -> None:
    client.opportunity()

    counts = client.raw("GET", "limits/recordCount?sObjects=Opportunity,Account").json()

    assert counts == {
        "sObjects": [{"name": "Account", "count": 0}, {"name": "Opportunity", "count": 1}]
    }
