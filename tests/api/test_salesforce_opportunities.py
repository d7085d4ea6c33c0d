"""The signed endpoint: a good call is answered with the decision, a bad one with the problem."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from console.api.signature import sign
from console.backend import LOCAL_API_SECRET
from console.models import ApiClient, Association, InboundEvent, SalesforceConnection, SyncLog
from tests.builders import make_client, make_opportunity, make_quote
from tests.facts import number, sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db
URL = "/api/v1/salesforce/opportunities"


@pytest.fixture
def sender(connected: SalesforceConnection) -> ApiClient:
    return make_client(key="crm")


def call(
    sender: ApiClient,
    body: Any,
    *,
    secret: str | None = None,
    webhook_id: str | None = None,
    seconds_ago: int = 0,
    **headers: str | None,
) -> Any:
    """Signs and posts. A header given as None is left out."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    webhook_id = webhook_id or f"msg-{number()}"
    timestamp = int(time.time()) - seconds_ago
    signature = sign(
        secret=secret or sender.secret, webhook_id=webhook_id, timestamp=timestamp, body=raw
    )
    signed: dict[str, str | None] = {
        "client-id": sender.key,
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
    for name, value in headers.items():
        signed[name.replace("_", "-")] = value
    given = {name: value for name, value in signed.items() if value is not None}
    content_type = given.pop("content-type", "application/json")
    return Client().post(URL, raw, content_type=content_type, headers=given)


@pytest.fixture
def linkable(org: Org, sender: ApiClient) -> str:
    """The id of a Salesforce opportunity whose primary quote is known here."""
    quote = make_quote(opportunity=make_opportunity())
    salesforce_id, record = sf_id(), sf_id("a0B")
    org.add_quote(record, quote.mn_id)
    org.add_opportunity(salesforce_id, monetize__PrimaryQuote__c=record)
    return salesforce_id


def test_a_good_call_links_and_is_answered_with_the_ladder(
    sender: ApiClient, linkable: str
) -> None:
    answer = call(sender, {"Id": linkable, "Name": "Northwind"})

    decision = answer.json()["decision"]
    assert answer.status_code == 200
    assert (decision["outcome"], decision["reason"]) == ("done", "linked")
    assert {step["status"] for step in decision["steps"]} == {"passed"}
    assert list(decision["steps"][0]["evidence"]) == ["connection", "detail"]
    assert SyncLog.objects.get().actor_name == "API client crm"


def test_a_15_character_id_names_the_same_record(sender: ApiClient, linkable: str) -> None:
    call(sender, {"Id": linkable[:15]})

    assert Association.objects.get().salesforce_id == linkable


def test_what_the_body_claims_is_not_believed(sender: ApiClient, org: Org) -> None:
    """The record is read again: here it has no primary quote, whatever the caller says."""
    salesforce_id = sf_id()
    org.add_opportunity(salesforce_id)

    answer = call(sender, {"Id": salesforce_id, "monetize__PrimaryQuote__c": sf_id("a0B")})

    assert answer.json()["decision"]["reason"] == "primary_quote_missing"


def test_the_same_event_again_is_answered_and_not_acted_upon(
    sender: ApiClient, linkable: str
) -> None:
    first = call(sender, {"Id": linkable}, webhook_id="msg-1").json()
    again = call(sender, {"Id": linkable}, webhook_id="msg-1").json()

    assert again["decision"] == first["decision"]
    assert again["repeats"] == 1
    assert SyncLog.objects.count() == 1


def test_an_id_used_for_another_event_is_refused(sender: ApiClient, linkable: str) -> None:
    call(sender, {"Id": linkable}, webhook_id="msg-1")

    answer = call(sender, {"Id": sf_id()}, webhook_id="msg-1")

    assert answer.status_code == 409


def test_old_news_is_not_acted_upon(sender: ApiClient, linkable: str) -> None:
    call(sender, {"Id": linkable, "SystemModstamp": "2026-03-02T12:00:00Z"})

    answer = call(sender, {"Id": linkable, "SystemModstamp": "2026-03-01T12:00:00Z"})

    assert (answer.status_code, answer.json()["state"]) == (202, "stale")
    assert SyncLog.objects.count() == 1


def test_when_salesforce_cannot_be_read_the_event_is_kept(
    sender: ApiClient, linkable: str, org: Org
) -> None:
    org.break_with(action="status", status=503, times=None)

    answer = call(sender, {"Id": linkable})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert InboundEvent.objects.get().state == InboundEvent.State.RECEIVED


GOOD_ID = "006Qy0000012345IAA"
BAD_BODIES = [
    pytest.param(b"{", 400, None, id="malformed JSON"),
    pytest.param(b"", 422, None, id="nothing"),
    pytest.param(b"\xff\xfe", 400, None, id="not UTF-8"),
    pytest.param({}, 422, "Id", id="no id"),
    pytest.param({"Id": 7}, 422, "Id", id="an id of the wrong type"),
    pytest.param({"Id": "006Qy0000012345XXX"}, 422, "Id", id="a bad checksum"),
    pytest.param({"Id": "001Qy0000012345"}, 422, "Id", id="an account's id"),
    pytest.param({"Id": "../../evil"}, 422, "Id", id="a path for an id"),
    pytest.param({"Id": "006Qy0000012345", "Colour": "red"}, 422, "Colour", id="unknown field"),
    pytest.param({"Id": "006Qy0000012345", "Amount": "lots"}, 422, "Amount", id="wrong type"),
    pytest.param({"Id": "006Qy0000012345", "Name": "x" * 121}, 422, "Name", id="a long name"),
    pytest.param({"Id": "006Qy0000012345", "Name": "a\x00b"}, 422, "Name", id="a NUL in a name"),
    pytest.param({"Id": "006Qy0000012345", "Name": "x" * 2_000_000}, 413, None, id="a 2 MB name"),
    pytest.param([1, 2], 422, None, id="an array"),
    pytest.param({"Id": GOOD_ID, "a\x00b": 1}, 422, "a\x00b", id="a NUL in the name of a field"),
    pytest.param({"Id": GOOD_ID, "\ud800": 1}, 422, None, id="half a character in a field's name"),
    *(
        pytest.param(
            {"Id": GOOD_ID, "SystemModstamp": time}, 422, "SystemModstamp", id=f"at {time}"
        )
        for time in (
            "2026-03-02T12:00:00",
            "9999-12-31T23:59:59-14:00",
            "0001-01-01T00:00:00+14:00",
            "2999-01-01T00:00:00Z",
            5,
        )
    ),
]


@pytest.mark.parametrize(("body", "status", "field"), BAD_BODIES)
def test_a_bad_body_is_named_and_nothing_is_written(
    sender: ApiClient, body: Any, status: int, field: str | None
) -> None:
    answer = call(sender, body)

    error = answer.json()["error"]
    assert answer.status_code == status, error
    assert error["field"] == field
    assert error["message"]
    assert [event.state for event in InboundEvent.objects.all()] == ["refused"]
    assert not SyncLog.objects.exists()


def test_malformed_json_is_told_with_its_place(sender: ApiClient) -> None:
    answer = call(sender, b'{"Id": }')

    assert "line 1 column 8" in answer.json()["error"]["message"]


BAD_CALLS = [
    pytest.param({"secret": "another secret altogether"}, 401, id="wrong secret"),
    pytest.param({"webhook_signature": None}, 401, id="no signature"),
    pytest.param({"webhook_signature": "v1,xyz"}, 401, id="a signature that is none"),
    pytest.param({"client_id": None}, 401, id="no client"),
    pytest.param({"client_id": "stranger"}, 401, id="unknown client"),
    pytest.param({"seconds_ago": 301}, 401, id="an old timestamp"),
    pytest.param({"seconds_ago": -301}, 401, id="a timestamp to come"),
    pytest.param({"webhook_timestamp": "yesterday"}, 400, id="a timestamp that is none"),
    pytest.param({"webhook_id": "a b"}, 400, id="an id with a space"),
    pytest.param({"content_type": "text/plain"}, 415, id="another format"),
    pytest.param({"transfer_encoding": "chunked"}, 411, id="a body in chunks"),
]


@pytest.mark.parametrize(("how", "status"), BAD_CALLS)
def test_a_call_that_is_not_proved_is_refused(
    sender: ApiClient, how: dict[str, Any], status: int
) -> None:
    answer = call(sender, {"Id": sf_id()}, **how)

    assert answer.status_code == status
    assert [event.state for event in InboundEvent.objects.all()] == ["refused"]
    assert sender.secret not in answer.content.decode()


def test_the_previous_secret_is_good_while_it_is_changed(sender: ApiClient, linkable: str) -> None:
    old, sender.secret = sender.secret, "the new secret of the client"
    sender.previous_secret = old
    sender.save(update_fields=["secret", "previous_secret"])

    assert call(sender, {"Id": linkable}, secret=old).status_code == 200
    assert call(sender, {"Id": linkable}).status_code == 200


def test_the_secret_that_everybody_knows_proves_nothing_once_anything_is_real(
    sender: ApiClient, linkable: str, settings: Settings
) -> None:
    sender.secret = LOCAL_API_SECRET
    sender.save(update_fields=["secret"])
    assert call(sender, {"Id": linkable}).status_code == 200

    settings.LOCAL = False

    assert call(sender, {"Id": linkable}).status_code == 401


def test_another_org_is_turned_away(sender: ApiClient, connected: SalesforceConnection) -> None:
    connected.organization_id = sf_id("00D")
    connected.save(update_fields=["organization_id"])

    answer = call(sender, {"Id": sf_id(), "OrganizationId": sf_id("00D")})

    assert answer.status_code == 403


def test_the_description_needs_a_sign_in() -> None:
    assert Client().get("/api/v1/docs").status_code == 302
