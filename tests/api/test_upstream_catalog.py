"""Accounts, products and prices of MonetizeNow arrive once each version, or are refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from console.models import Account, ApiClient, InboundEvent, OutboundPush, PricebookEntry, Product
from tests.api.upstream_calls import account, entry, product, put, version
from tests.builders import make_account, make_client, make_opportunity, make_product
from tests.facts import sf_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender() -> ApiClient:
    return make_client(key="monetizenow")


def test_an_account_arrives(sender: ApiClient) -> None:
    salesforce_id = sf_id("001")

    answer = put(sender, "accounts", "acct_1", account(salesforce_id=salesforce_id[:15]))

    assert answer.status_code == 201, answer.json()
    assert answer.json()["created"]
    assert Account.objects.get(mn_id="acct_1").salesforce_id == salesforce_id


def test_a_later_version_says_what_it_changed(sender: ApiClient) -> None:
    put(sender, "accounts", "acct_1", account(website="northwind.example"))

    answer = put(sender, "accounts", "acct_1", account(updated_at=version(1), name="Northwind"))

    row = Account.objects.get()
    assert (answer.status_code, answer.json()["changed_fields"]) == (200, ["name"])
    assert (row.name, row.website) == ("Northwind", "northwind.example")
    assert row.mn_updated_at.isoformat() == version(1)


def test_the_same_version_again_changes_nothing(sender: ApiClient) -> None:
    put(sender, "accounts", "acct_1", account())

    answer = put(sender, "accounts", "acct_1", account(name="Another name"))

    assert (answer.status_code, answer.json()["changed"]) == (200, False)
    assert Account.objects.get().name == "Northwind Traders"


def test_an_older_version_is_refused_with_both_times(sender: ApiClient) -> None:
    put(sender, "accounts", "acct_1", account(updated_at=version(1)))

    answer = put(sender, "accounts", "acct_1", account(name="Old name"))

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "stale_version")
    assert error["field"] == "updated_at"
    assert version() in error["message"]
    assert version(1) in error["message"]
    assert Account.objects.get().name == "Northwind Traders"
    assert InboundEvent.objects.get().state == InboundEvent.State.REFUSED


def test_an_account_mapped_here_stays_mapped_until_it_is_said_otherwise(sender: ApiClient) -> None:
    row = make_account(mn_id="acct_1")

    put(sender, "accounts", "acct_1", account(name="Northwind"))
    row.refresh_from_db()
    assert row.salesforce_id is not None

    put(sender, "accounts", "acct_1", account(updated_at=version(1), salesforce_id=None))
    row.refresh_from_db()
    assert row.salesforce_id is None


def test_a_salesforce_account_has_one_mn_account(sender: ApiClient) -> None:
    owner = make_account()

    answer = put(sender, "accounts", "acct_1", account(salesforce_id=owner.salesforce_id))

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (409, "taken", "salesforce_id")
    assert owner.mn_id in error["message"]
    assert not Account.objects.filter(mn_id="acct_1").exists()


def test_a_product_and_its_price_arrive(sender: ApiClient) -> None:
    assert put(sender, "products", "prod_1", product(product_type="USAGE")).status_code == 201
    answer = put(sender, "pricebook-entries", "pbe_1", entry(unit_price="19.99"))

    row = PricebookEntry.objects.get(mn_id="pbe_1")
    assert answer.status_code == 201, answer.json()
    assert (row.product.product_type, row.unit_price) == (Product.Type.USAGE, Decimal("19.99"))


def test_a_price_changes(sender: ApiClient) -> None:
    make_product(mn_id="prod_1")
    body = entry()
    put(sender, "pricebook-entries", "pbe_1", body)

    later = body | {"updated_at": version(1), "unit_price": 120, "is_active": False}
    answer = put(sender, "pricebook-entries", "pbe_1", later)

    assert answer.json()["changed_fields"] == ["unit_price", "is_active"]


def test_a_price_of_an_unknown_product_is_refused(sender: ApiClient) -> None:
    answer = put(sender, "pricebook-entries", "pbe_1", entry(product_id="prod_none"))

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "unknown_reference")
    assert error["field"] == "product_id"
    assert not PricebookEntry.objects.exists()


def test_two_entries_cannot_be_one_salesforce_entry(sender: ApiClient) -> None:
    make_product(mn_id="prod_1")
    taken = sf_id("01u")
    put(sender, "pricebook-entries", "pbe_1", entry(salesforce_id=taken))

    answer = put(sender, "pricebook-entries", "pbe_2", entry(salesforce_id=taken))

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "taken")


def test_the_catalog_pushes_nothing(sender: ApiClient) -> None:
    opportunity = make_opportunity(creation_reference=sf_id())

    put(sender, "accounts", opportunity.account.mn_id, account())
    put(sender, "products", "prod_1", product())

    assert not OutboundPush.objects.exists()


NUMBERS = [
    pytest.param(b"1234567890123456.78", id="a number with more digits than a float"),
    pytest.param(b'"1234567890123456.78"', id="the same as text"),
]


@pytest.mark.parametrize("written", NUMBERS)
def test_money_loses_no_cent(sender: ApiClient, written: bytes) -> None:
    make_product(mn_id="prod_1")
    body = entry(unit_price="PRICE")
    raw = str(body).replace("'PRICE'", written.decode()).replace("'", '"').encode()

    answer = put(sender, "pricebook-entries", "pbe_1", raw)

    assert answer.status_code == 201, answer.json()
    assert PricebookEntry.objects.get().unit_price == Decimal("1234567890123456.78")


BAD_ACCOUNTS = [
    pytest.param({"name": None}, "name", id="no name"),
    pytest.param({"name": "  "}, "name", id="a blank name"),
    pytest.param({"name": "x" * 256}, "name", id="a long name"),
    pytest.param({"name": "a\x00b"}, "name", id="a NUL"),
    pytest.param({"name": "\ud800"}, "name", id="half of a surrogate pair"),
    pytest.param({"colour": "red"}, "colour", id="an unknown field"),
    pytest.param({"salesforce_id": "006Qy0000012345"}, "salesforce_id", id="an opportunity's id"),
    pytest.param({"salesforce_id": ""}, "salesforce_id", id="a blank id"),
    pytest.param({"currency": "usd"}, "currency", id="no currency"),
    pytest.param({"status": "ASLEEP"}, "status", id="an unknown status"),
    pytest.param({"updated_at": "2026-03-02T12:00:00"}, "updated_at", id="a time without zone"),
    pytest.param({"updated_at": 1772452800}, "updated_at", id="a time as a number"),
    pytest.param({"updated_at": "1772452800"}, "updated_at", id="a time as a number in text"),
    pytest.param({"updated_at": "2999-01-01T00:00:00Z"}, "updated_at", id="a time to come"),
    pytest.param({"updated_at": "0001-01-01T00:00:00+14:00"}, "updated_at", id="before all time"),
    pytest.param({"updated_at": None}, "updated_at", id="no time"),
    pytest.param({"mn_id": "acct_2"}, "mn_id", id="another id than the address"),
]


@pytest.mark.parametrize(("bad", "field"), BAD_ACCOUNTS)
def test_a_bad_field_is_named_and_nothing_is_stored(
    sender: ApiClient, bad: dict[str, Any], field: str
) -> None:
    answer = put(sender, "accounts", "acct_1", account(**bad))

    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, field), error
    assert error["message"]
    assert not Account.objects.exists()


@pytest.mark.parametrize("missing", ["name", "updated_at"])
def test_a_field_that_must_be_there_is_named(sender: ApiClient, missing: str) -> None:
    body = account()
    del body[missing]

    answer = put(sender, "accounts", "acct_1", body)

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, missing)


@pytest.mark.parametrize("mn_id", ["a.b", "x" * 65, "%00", "é"])
def test_an_id_that_is_none_is_refused(sender: ApiClient, mn_id: str) -> None:
    answer = put(sender, "accounts", mn_id, account())

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "mn_id")


BAD_PRICES: list[Any] = [True, "NaN", "Infinity", "1e5", "1_000", "12.345", "", [], "1" * 17]


@pytest.mark.parametrize("price", BAD_PRICES)
def test_what_is_no_money_is_refused(sender: ApiClient, price: Any) -> None:
    make_product(mn_id="prod_1")

    answer = put(sender, "pricebook-entries", "pbe_1", entry(unit_price=price))

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "unit_price")


@pytest.mark.parametrize("body", [b"{", b'{"name": NaN}', b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(sender: ApiClient, body: bytes) -> None:
    assert put(sender, "accounts", "acct_1", body).status_code == 400


def test_a_large_body_is_refused(sender: ApiClient) -> None:
    answer = put(sender, "accounts", "acct_1", account(name="x" * 1_100_000))

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_a_call_that_is_not_signed_stores_nothing(sender: ApiClient) -> None:
    sender.secret = "another secret altogether"

    assert put(sender, "accounts", "acct_1", account()).status_code == 401
    assert put(sender, "quotes", "quote_1", b"{}").status_code == 401
    assert not Account.objects.exists()
