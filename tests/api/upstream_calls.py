"""How MonetizeNow would send its records: signed, each with the fields that it must have."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.test import Client

from console.api.signature import sign
from console.models import ApiClient
from tests.facts import number, sf_id

YESTERDAY: Final = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


def version(minutes: int = 0) -> str:
    """The time of a version, so many minutes after the first one."""
    return (YESTERDAY + timedelta(minutes=minutes)).isoformat()


def put(sender: ApiClient, kind: str, mn_id: str, body: Any) -> Any:
    """The answer to a signed PUT. A body of bytes is sent as it is."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    webhook_id, timestamp = f"msg-{number()}", int(time.time())
    headers = {
        "client-id": sender.key,
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(
            secret=sender.secret, webhook_id=webhook_id, timestamp=timestamp, body=raw
        ),
    }
    address = f"/api/v1/{kind}/{mn_id}"
    return Client().put(address, raw, content_type="application/json", headers=headers)


def account(**fields: Any) -> dict[str, Any]:
    return {"updated_at": version(), "name": "Northwind Traders"} | fields


def product(**fields: Any) -> dict[str, Any]:
    return {"updated_at": version(), "name": "Platform", "product_type": "ADVANCE"} | fields


def entry(**fields: Any) -> dict[str, Any]:
    return {
        "updated_at": version(),
        "product_id": "prod_1",
        "salesforce_id": sf_id("01u"),
        "pricebook_salesforce_id": sf_id("01s"),
        "currency": "USD",
        "unit_price": "100.00",
    } | fields


def opportunity(**fields: Any) -> dict[str, Any]:
    return {"updated_at": version(), "name": "Northwind expansion", "account_id": "acct_1"} | fields


def quote(**fields: Any) -> dict[str, Any]:
    return {
        "updated_at": version(),
        "account_id": "acct_1",
        "status": "DRAFT",
        "items": [],
    } | fields


def item(mn_id: str = "item_1", **fields: Any) -> dict[str, Any]:
    return {"mn_id": mn_id, "quantity": 10, "unit_price": "100.00", "amount": 1000} | fields


def put_quote(sender: ApiClient, **fields: Any) -> Any:
    """The answer to a later version of quote_1, with the one line that it has."""
    body = {"updated_at": version(1), "items": [item()]} | fields
    return put(sender, "quotes", "quote_1", quote(**body))
