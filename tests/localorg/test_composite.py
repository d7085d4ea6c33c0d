"""Several calls in one request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localorg.process import Client

BASE = "/services/data/v62.0"
REQUIRED = {"Name": "Northwind", "StageName": "Prospecting", "CloseDate": "2026-12-31"}


def part(reference: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
    request = {"referenceId": reference, "method": method, "url": f"{BASE}/{path}"}
    return request if body is None else {**request, "body": body}


def run(client: Client, *parts: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    answer = client.sf.restful(
        "composite", method="POST", json={"compositeRequest": list(parts), **options}
    )
    assert answer is not None
    return list(answer["compositeResponse"])


def test_later_parts_use_what_earlier_ones_returned(client: Client) -> None:
    results = run(
        client,
        part("account", "POST", "sobjects/Account", {"Name": "Acme"}),
        part("deal", "POST", "sobjects/Opportunity", {**REQUIRED, "AccountId": "@{account.id}"}),
        part("read", "GET", "sobjects/Opportunity/@{deal.id}?fields=Name,AccountId"),
        part("found", "GET", "query?q=SELECT+Id+FROM+Account+WHERE+Id='@{read.AccountId}'"),
        part("named", "GET", "sobjects/Account/@{found.records[0].Id}?fields=Name"),
    )

    assert [each["httpStatusCode"] for each in results] == [201, 201, 200, 200, 200]
    assert [each["referenceId"] for each in results] == [
        "account",
        "deal",
        "read",
        "found",
        "named",
    ]
    assert results[0]["httpHeaders"]["Location"].startswith(f"{BASE}/sobjects/Account/001")
    assert results[4]["body"]["Name"] == "Acme"


def test_a_failed_part_fails_alone_and_with_those_that_need_it(client: Client) -> None:
    results = run(
        client,
        part("bad", "POST", "sobjects/Account", {}),
        part("needs", "GET", "sobjects/Account/@{bad.id}"),
        part("good", "POST", "sobjects/Account", {"Name": "Acme"}),
    )

    assert [each["httpStatusCode"] for each in results] == [400, 400, 201]
    assert results[0]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert results[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert len(client.query("SELECT Id FROM Account")) == 1


def test_all_or_none_halts_and_undoes_everything(client: Client) -> None:
    results = run(
        client,
        part("good", "POST", "sobjects/Account", {"Name": "Acme"}),
        part("bad", "POST", "sobjects/Account", {}),
        part("later", "POST", "sobjects/Account", {"Name": "Bolt"}),
        allOrNone=True,
    )

    assert [each["httpStatusCode"] for each in results] == [400, 400, 400]
    assert [each["body"][0]["errorCode"] for each in results] == [
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
        "PROCESSING_HALTED",
    ]
    assert client.query("SELECT Id FROM Account") == []
    assert client.org.journal() == []


def test_all_or_none_reads_its_own_writes(client: Client) -> None:
    results = run(
        client,
        part("account", "POST", "sobjects/Account", {"Name": "Acme"}),
        part("found", "GET", "query?q=SELECT+COUNT()+FROM+Account"),
        allOrNone=True,
    )

    assert results[1]["body"]["totalSize"] == 1
    assert len(client.query("SELECT Id FROM Account")) == 1


def test_a_refused_record_in_a_collection_undoes_an_all_or_none_request(client: Client) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in ("Acme", None)]
    results = run(
        client,
        part("first", "POST", "sobjects/Account", {"Name": "First"}),
        part("many", "POST", "composite/sobjects", {"records": records}),
        allOrNone=True,
    )

    assert results[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert [each["success"] for each in results[1]["body"]] == [True, False]
    assert client.query("SELECT Id FROM Account") == []


def test_five_collections_of_200_are_one_call(client: Client) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": "Acme"}] * 200
    before = client.org.control("GET", "health")["api_usage"]

    results = run(
        client,
        *(part(f"c{n}", "POST", "composite/sobjects", {"records": records}) for n in range(5)),
    )

    assert [len(each["body"]) for each in results] == [200] * 5
    assert client.org.control("GET", "health")["api_usage"] == before + 1
    assert client.sf.query("SELECT COUNT() FROM Account")["totalSize"] == 1000


def test_a_long_query_travels_in_the_body(client: Client) -> None:
    loaded = client.org.load(Account=[{"Name": f"A{number}"} for number in range(1000)])
    listed = ",".join(f"'{each}'" for each in loaded["Account"])

    [result] = run(
        client, part("q", "GET", f"query?q=SELECT Id FROM Account WHERE Id IN ({listed})")
    )

    assert len(result["body"]["records"]) == 1000


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([part(f"r{n}", "GET", "limits") for n in range(26)], "LIMIT_EXCEEDED"),
        ([part(f"r{n}", "GET", "query?q=x") for n in range(6)], "LIMIT_EXCEEDED"),
        ([part("same", "GET", "limits")] * 2, "INVALID_INPUT"),
        ([{"method": "GET", "url": f"{BASE}/limits"}], "JSON_PARSER_ERROR"),
        ("none", "JSON_PARSER_ERROR"),
    ],
)
def test_what_makes_the_whole_request_wrong(client: Client, parts: Any, code: str) -> None:
    body = {"compositeRequest": parts}

    assert client.error("POST", "composite", json=body) == (400, code)


@pytest.mark.parametrize("url", [f"{BASE}/composite", "/elsewhere", f"{BASE}/limits?@{{x.id}}"])
def test_a_part_with_a_wrong_address_fails_alone(client: Client, url: str) -> None:
    results = run(
        client,
        {"referenceId": "bad", "method": "POST", "url": url},
        part("good", "GET", "limits"),
    )

    assert [each["httpStatusCode"] for each in results] == [400, 200]
