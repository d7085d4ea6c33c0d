"""The signed endpoint that starts a quote: one order, one quote, one answer."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client

from console.api.signature import sign
from console.models import (
    Account,
    ApiClient,
    Association,
    FieldMapping,
    InboundEvent,
    Opportunity,
    Quote,
    SalesforceConnection,
    SyncLog,
)
from tests.builders import make_account, make_client
from tests.facts import number, sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db
BASE = "/api/v1/salesforce"


@pytest.fixture
def sender(connected: SalesforceConnection) -> ApiClient:
    return make_client(key="crm")


@pytest.fixture
def account(connected: SalesforceConnection, org: Org) -> Account:
    account = make_account()
    org.load(Account=[{"Id": account.salesforce_id, "Name": "Northwind"}])
    return account


@pytest.fixture
def record(org: Org, account: Account) -> str:
    salesforce_id = sf_id()
    org.add_opportunity(salesforce_id, AccountId=account.salesforce_id, NextStep="soon")
    return salesforce_id


def call(
    sender: ApiClient,
    body: Any,
    *,
    to: str = "quote-initiations",
    webhook_id: str | None = None,
    secret: str | None = None,
) -> Any:
    raw = json.dumps(body).encode()
    webhook_id = webhook_id or f"msg-{number()}"
    timestamp = int(time.time())
    signature = sign(
        secret=secret or sender.secret, webhook_id=webhook_id, timestamp=timestamp, body=raw
    )
    headers = {
        "client-id": sender.key,
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
    return Client().post(f"{BASE}/{to}", raw, content_type="application/json", headers=headers)


def test_the_answer_tells_the_steps_and_the_new_ids(sender: ApiClient, record: str) -> None:
    answer = call(sender, {"Id": record})

    told = answer.json()
    assert answer.status_code == 200
    assert (told["decision"]["outcome"], told["decision"]["reason"]) == (
        "done",
        "opportunity_created",
    )
    assert {step["status"] for step in told["decision"]["steps"]} == {"passed"}
    assert told["opportunity_mn_id"] == Opportunity.objects.get().mn_id
    assert told["quote_mn_id"] == Quote.objects.get().mn_id
    assert told["mapping_problems"] == []
    assert SyncLog.objects.get().actor_name == "API client crm"


def test_mapping_problems_are_told(sender: ApiClient, record: str) -> None:
    FieldMapping.objects.create(source="NextStep", target="contract_end")

    told = call(sender, {"Id": record}).json()

    assert told["decision"]["reason"] == "opportunity_created"
    assert told["mapping_problems"] == [
        {
            "source": "NextStep",
            "target": "contract_end",
            "value": "soon",
            "words": "is not a date, expected a date such as 2026-04-01",
        }
    ]


def test_the_same_order_again_is_answered_alike_and_makes_no_second_quote(
    sender: ApiClient, record: str
) -> None:
    FieldMapping.objects.create(source="NextStep", target="contract_end")
    first = call(sender, {"Id": record}, webhook_id="msg-1").json()
    again = call(sender, {"Id": record}, webhook_id="msg-1").json()

    assert again == {**first, "repeats": 1}
    assert Quote.objects.count() == SyncLog.objects.count() == 1


def test_another_order_for_the_same_record_gets_another_quote(
    sender: ApiClient, record: str
) -> None:
    first = call(sender, {"Id": record}).json()
    second = call(sender, {"Id": record}).json()

    assert second["decision"]["reason"] == "opportunity_reused"
    assert second["opportunity_mn_id"] == first["opportunity_mn_id"]
    assert second["quote_mn_id"] != first["quote_mn_id"]


def test_an_order_is_no_version_and_so_never_old_news(sender: ApiClient, record: str) -> None:
    call(sender, {"Id": record, "SystemModstamp": "2026-03-02T12:00:00Z"})

    answer = call(sender, {"Id": record, "SystemModstamp": "2026-03-01T12:00:00Z"})

    assert answer.status_code == 200
    assert Quote.objects.count() == 2


def test_an_order_does_not_make_older_news_of_the_record_stale(
    sender: ApiClient, record: str
) -> None:
    """It was an order for a quote: nobody looked yet whether the record should be linked."""
    Account.objects.update(salesforce_id=None)
    call(sender, {"Id": record, "SystemModstamp": "2026-03-02T12:00:00Z"})

    news = {"Id": record, "SystemModstamp": "2026-03-01T12:00:00Z"}
    answer = call(sender, news, to="opportunities")

    assert answer.json()["decision"]["flow"] == "link_via_primary_quote"


def test_what_the_body_claims_is_not_believed(sender: ApiClient, record: str) -> None:
    call(sender, {"Id": record, "Name": "Free for all", "AccountId": sf_id("001")})

    assert Opportunity.objects.get().name == "Northwind"


def test_an_account_that_is_not_linked_is_told_with_the_ladder_and_no_ids(
    sender: ApiClient, record: str
) -> None:
    Account.objects.update(salesforce_id=None)

    told = call(sender, {"Id": record}).json()

    assert told["decision"]["reason"] == "account_not_linked"
    assert [step["status"] for step in told["decision"]["steps"]] == [
        "passed",
        "passed",
        "passed",
        "blocked",
        "not_reached",
        "not_reached",
    ]
    assert (told["opportunity_mn_id"], told["quote_mn_id"]) == (None, None)
    assert not Opportunity.objects.exists()


def test_a_conflict_names_no_ids_to_go_on_with(
    sender: ApiClient, org: Org, account: Account
) -> None:
    salesforce_id = sf_id()
    org.add_opportunity(
        salesforce_id, AccountId=account.salesforce_id, monetize__Id__c="opp_of_elsewhere"
    )

    told = call(sender, {"Id": salesforce_id}).json()

    assert told["decision"]["reason"] == "conflicting_association"
    assert (told["opportunity_mn_id"], told["quote_mn_id"]) == (None, None)


@pytest.mark.parametrize(
    ("first", "second"),
    [("quote-initiations", "opportunities"), ("opportunities", "quote-initiations")],
)
def test_an_id_means_one_call_of_one_kind(
    sender: ApiClient, record: str, first: str, second: str
) -> None:
    call(sender, {"Id": record}, to=first, webhook_id="msg-1")

    answer = call(sender, {"Id": record}, to=second, webhook_id="msg-1")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "reused_id")


def test_when_salesforce_cannot_be_read_the_order_is_kept(
    sender: ApiClient, record: str, org: Org
) -> None:
    org.break_with(action="status", status=503)

    answer = call(sender, {"Id": record}, webhook_id="msg-1")

    assert answer.status_code == 503
    event = InboundEvent.objects.get()
    assert (event.state, event.kind) == ("received", InboundEvent.Kind.QUOTE_INITIATION)
    assert not Quote.objects.exists()

    again = call(sender, {"Id": record}, webhook_id="msg-1")
    assert again.json()["quote_mn_id"] == Quote.objects.get().mn_id


def test_an_order_in_other_hands_is_answered_without_a_decision(
    sender: ApiClient, record: str
) -> None:
    call(sender, {"Id": record}, webhook_id="msg-1")
    InboundEvent.objects.update(
        state="received", log_entry=None, claimed_until="2100-01-01T00:00:00Z"
    )

    answer = call(sender, {"Id": record}, webhook_id="msg-1")

    told = answer.json()
    assert answer.status_code == 202
    assert (told["decision"], told["quote_mn_id"], told["mapping_problems"]) == (None, None, [])


BAD_BODIES = [
    ({}, "Id"),
    ({"Id": "001Qy0000012345"}, "Id"),
    ({"Id": "006Qy0000012345", "Colour": "red"}, "Colour"),
]


@pytest.mark.parametrize(("body", "field"), BAD_BODIES)
def test_a_bad_body_is_named_and_nothing_is_made(
    sender: ApiClient, body: dict[str, str], field: str
) -> None:
    answer = call(sender, body)

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert not Association.objects.exists()


def test_a_call_that_is_not_proved_is_refused(sender: ApiClient, record: str) -> None:
    answer = call(sender, {"Id": record}, secret="another secret altogether")

    assert answer.status_code == 401
    assert not Opportunity.objects.exists()


def test_an_order_from_another_org_is_turned_away(
    sender: ApiClient, record: str, connected: SalesforceConnection
) -> None:
    connected.organization_id = sf_id("00D")
    connected.save(update_fields=["organization_id"])

    answer = call(sender, {"Id": record, "OrganizationId": sf_id("00D")})

    assert answer.status_code == 403
    assert not Opportunity.objects.exists()
