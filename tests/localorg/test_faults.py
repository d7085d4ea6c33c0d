"""Scripted trouble, as the client sees it and as the org's own records show it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceGeneralError

from tests.localorg.process import Client, codes


def test_a_status_with_salesforces_words(client: Client) -> None:
    body = [
        {"message": "ConcurrentRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]
    client.org.fault(action="status", status=403, body=body, method="GET", path="/query")

    assert client.raw("GET", "limits").status_code == 200
    refused = client.raw("GET", "query?q=SELECT+Id+FROM+Account")
    again = client.raw("GET", "query?q=SELECT+Id+FROM+Account")

    assert (refused.status_code, refused.json()) == (403, body)
    assert again.status_code == 200


def test_the_nth_match_and_the_number_of_times(client: Client) -> None:
    client.org.fault(action="status", path="/limits", nth=2, times=2)

    statuses = [client.raw("GET", "limits").status_code for _ in range(5)]

    assert statuses == [200, 503, 503, 200, 200]
    [rule] = client.org.control("GET", "faults")
    assert (rule["seen"], rule["fired"]) == (5, 2)


def test_for_ever_until_cleared(client: Client) -> None:
    client.org.fault(action="status", times=None)
    assert {client.raw("GET", "limits").status_code for _ in range(3)} == {503}

    client.org.control("DELETE", "faults")

    assert client.raw("GET", "limits").status_code == 200


def test_a_busy_row_inside_a_collection(client: Client) -> None:
    busy, free = client.opportunity(), client.opportunity()
    client.org.fault(action="record_error", object="Opportunity", record_id=busy)
    records = [{"Id": each, "Amount": 5} for each in (busy, free)]

    first = client.many("PATCH", "Opportunity", records)
    second = client.many("PATCH", "Opportunity", records)

    assert codes(first) == ["UNABLE_TO_LOCK_ROW", None]
    assert "exclusive access" in first[0]["errors"][0]["message"]
    assert codes(second) == [None, None]


def test_a_record_named_by_external_id_with_any_code(client: Client) -> None:
    client.org.fault(
        action="record_error",
        external_id="quote_1",
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        message="Not on Fridays",
        fields=["monetize__Status__c"],
        times=None,
    )

    records = [{"monetize__Id__c": name} for name in ("quote_1", "quote_2")]
    path = "composite/sobjects/monetize__Quote__c/monetize__Id__c"
    results = client.many("PATCH", "monetize__Quote__c", records, path=path)

    assert codes(results) == ["FIELD_CUSTOM_VALIDATION_EXCEPTION", None]
    assert results[0]["errors"][0]["fields"] == ["monetize__Status__c"]


def test_a_record_is_known_by_the_external_id_it_has(client: Client) -> None:
    record_id = client.opportunity(monetize__Id__c="opp_1")
    client.org.fault(action="record_error", external_id="opp_1", times=2)

    changed = client.many("PATCH", "Opportunity", [{"Id": record_id, "Amount": 5}])
    deleted = client.sf.restful(f"composite/sobjects?ids={record_id}", method="DELETE")

    assert codes(changed) == codes(list(deleted or [])) == ["UNABLE_TO_LOCK_ROW"]


def test_a_field_that_is_accepted_and_ignored(client: Client) -> None:
    record_id = client.opportunity()
    client.org.fault(action="ignore_fields", fields=["monetize__Id__c"], object="Opportunity")

    client.update("Opportunity", record_id, monetize__Id__c="opp_1", NextStep="Call")

    record = client.read("Opportunity", record_id)
    assert (record["monetize__Id__c"], record["NextStep"]) == (None, "Call")


def test_a_chance_is_drawn_for_each_match_and_repeated_by_its_seed(client: Client) -> None:
    rule = {"action": "status", "path": "/limits", "chance": 0.5, "seed": 7, "times": None}
    other = {"action": "delay", "seconds": 0, "chance": 0.5, "times": None}

    def statuses(*rules: dict[str, Any]) -> list[int]:
        client.org.control("DELETE", "faults")
        client.org.control("POST", "faults", rules)
        return [client.raw("GET", "limits").status_code for _ in range(20)]

    alone = statuses(rule)

    assert set(alone) == {200, 503}
    assert statuses(rule) == alone
    # What another rule draws changes nothing.
    assert statuses(other, rule) == alone
    [_, counted] = client.org.control("GET", "faults")
    assert (counted["seen"], counted["fired"]) == (20, alone.count(503))


@pytest.mark.parametrize(("chance", "expected"), [(0, [200, 200, 200]), (1, [200, 503, 503])])
def test_a_chance_of_nothing_and_of_everything(
    client: Client, chance: float, expected: list[int]
) -> None:
    client.org.fault(action="status", path="/limits", nth=2, times=2, chance=chance)

    assert [client.raw("GET", "limits").status_code for _ in range(3)] == expected


def test_what_chance_spared_is_not_counted_as_a_time(client: Client) -> None:
    client.org.fault(action="status", path="/limits", chance=0.3, seed=1, times=2)

    statuses = [client.raw("GET", "limits").status_code for _ in range(40)]

    assert statuses.count(503) == 2
    assert statuses[:2] != [503, 503]


@pytest.mark.parametrize(("when", "applied"), [("before", 0), ("after", 1)])
def test_a_connection_dropped_before_or_after_the_write(
    client: Client, when: str, applied: int
) -> None:
    client.org.fault(action="drop", when=when, method="POST", path="sobjects/Account")

    with pytest.raises(requests.exceptions.ConnectionError):
        client.create("Account", Name="Acme")

    assert len(client.query("SELECT Id FROM Account")) == applied
    assert len(client.org.journal()) == applied


@pytest.mark.parametrize(("when", "applied"), [("before", 0), ("after", 4)])
def test_a_composite_call_dropped_before_or_after_all_its_writes(
    client: Client, when: str, applied: int
) -> None:
    records = [
        {"attributes": {"type": "Opportunity"}, "Id": client.opportunity(), "NextStep": "Call"}
        for _ in range(2)
    ]
    part = {"method": "PATCH", "url": "/services/data/v62.0/composite/sobjects"}
    parts = [{**part, "referenceId": name, "body": {"records": records}} for name in ("one", "two")]
    before = client.org.control("GET", "journal/count")["count"]
    client.org.fault(action="drop", when=when, path="/composite$")

    with pytest.raises(requests.exceptions.ConnectionError):
        client.raw("POST", "composite", json={"compositeRequest": parts})

    assert client.org.control("GET", "journal/count")["count"] == before + applied
    assert client.raw("POST", "composite", json={"compositeRequest": parts}).ok


@pytest.mark.parametrize(("when", "applied"), [("before", 0), ("after", 1)])
def test_a_drop_after_the_caller_gave_up_is_a_drop(client: Client, when: str, applied: int) -> None:
    client.org.fault(action="delay", seconds=0.2, when=when, path="Account")
    client.org.fault(action="drop", when=when, path="Account")
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.sf.restful("sobjects/Account", method="POST", json={"Name": "A"}, timeout=0.1)

    time.sleep(0.4)

    assert client.org.control("GET", "requests")[-1]["path"].endswith("sobjects/Account")
    assert client.org.control("GET", "journal/count")["count"] == applied


def test_a_body_cut_short(client: Client) -> None:
    client.org.fault(action="truncate", path="/query")

    with pytest.raises(
        (requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)
    ):
        client.query("SELECT Id, Name FROM User")

    assert client.query("SELECT Id FROM User")


def test_html_where_json_was_expected(client: Client) -> None:
    client.org.fault(action="html", status=502)

    with pytest.raises(SalesforceGeneralError) as refused:
        client.sf.limits()

    assert "<html>" in str(refused.value.content)


def test_a_delay_after_the_write_makes_a_timeout_ambiguous(client: Client) -> None:
    client.org.fault(action="delay", seconds=0.5, when="after", method="POST", path="Account")

    with pytest.raises(requests.exceptions.ReadTimeout):
        client.sf.restful("sobjects/Account", method="POST", json={"Name": "A"}, timeout=0.1)

    assert len(client.query("SELECT Id FROM Account")) == 1


def test_a_delayed_request_holds_up_no_other(client: Client) -> None:
    client.org.fault(action="delay", seconds=2, path="/limits")
    other = Client(client.org)
    with ThreadPoolExecutor() as pool:
        delayed = pool.submit(client.raw, "GET", "limits")
        while client.org.control("GET", "faults")[0]["fired"] == 0:
            time.sleep(0.01)

        record_id = other.opportunity()

        assert not delayed.done()
        assert delayed.result().status_code == 200
    assert client.org.journal()[0]["record_id"] == record_id
    other.close()


def test_tokens_expired_in_the_middle(client: Client) -> None:
    client.org.fault(action="expire_tokens", nth=2)
    client.sf.limits()

    with pytest.raises(SalesforceExpiredSession):
        client.sf.limits()


def test_a_request_is_matched_by_the_records_it_names(client: Client) -> None:
    record_id = client.opportunity()
    client.org.fault(action="status", record_id=record_id, times=None)
    record = {"attributes": {"type": "Opportunity"}, "Id": record_id, "Amount": 1}
    inner = {
        "method": "PATCH",
        "url": "/services/data/v62.0/composite/sobjects",
        "referenceId": "one",
        "body": {"records": [record]},
    }
    asked: list[tuple[str, str, Any]] = [
        ("GET", f"sobjects/Opportunity/{record_id}", None),
        ("PATCH", "composite/sobjects", {"records": [record]}),
        ("POST", "composite", {"compositeRequest": [inner]}),
        ("GET", "sobjects/Opportunity/006000000000001AAA", None),
    ]

    statuses = [client.raw(method, path, json=body).status_code for method, path, body in asked]

    assert statuses == [503, 503, 503, 404]


def test_signing_in_can_fail_too(client: Client) -> None:
    client.org.fault(action="status", status=500, path="oauth2/token")

    assert (
        "access_token"
        not in requests.post(
            f"{client.org.url}/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=("local-console", "local-secret"),
            timeout=10,
        ).text
    )


def test_latency_is_waited_for_before_every_answer(client: Client) -> None:
    client.org.set(latency_ms=50)
    started = time.monotonic()

    client.sf.limits()

    assert time.monotonic() - started >= 0.05


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "explode"},
        {"action": "status", "colour": "red"},
        {"action": "status", "path": "("},
        {"action": "drop", "when": "later"},
        {"action": "status", "nth": "first"},
        {"action": "delay", "seconds": True},
        {"action": "status", "chance": 1.5},
        {"action": "status", "chance": -0.5},
        {"action": "status", "chance": "often"},
        {"action": "status", "seed": 1.5},
        {"action": "status", "seed": True},
        {},
        "status",
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_and_not_kept(client: Client, rule: Any) -> None:
    url = f"{client.org.url}/localorg/faults"

    refused = requests.post(url, json=[{"action": "status"}, rule], timeout=10)

    assert refused.status_code == 400
    assert refused.json()[0]["errorCode"] == "INVALID_FAULT"
    assert client.org.control("GET", "faults") == []
