"""Signed calls of the API, as MonetizeNow and Salesforce send them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import requests

from console.api.signature import sign
from console.models import ApiClient, Opportunity
from tests.facts import NOON, number
from tests.faults.deals import Deal, Version

_BEGINNING = NOON + timedelta(days=1)


def signed(
    method: str,
    address: str,
    *,
    sender: ApiClient,
    sent: bytes,
    webhook_id: str = "",
    skew: int = 0,
) -> requests.Response:
    """The answer to a signed call. `skew`: seconds by which the sender's clock is ahead."""
    webhook_id, timestamp = webhook_id or f"msg-{number()}", int(time.time()) + skew
    signature = sign(secret=sender.secret, webhook_id=webhook_id, timestamp=timestamp, body=sent)
    headers = {
        "client-id": sender.key,
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
        "Content-Type": "application/json",
    }
    return requests.request(method, address, data=sent, headers=headers, timeout=30)


def status(address: str) -> int:
    """What an address answers; 0 where nobody listens."""
    try:
        return requests.get(address, timeout=10).status_code
    except requests.ConnectionError:
        return 0


def body(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields).encode()


def of_version(deal: Deal, version: Version) -> bytes:
    """The deal as MonetizeNow sends it once the version is its primary quote."""
    row = Opportunity.objects.select_related("account").get(pk=deal.opportunity_id)
    moment = _BEGINNING + timedelta(minutes=list(deal.versions).index(version))
    return body(
        {
            "updated_at": moment.isoformat(),
            "name": row.name,
            "account_id": row.account.mn_id,
            "primary_quote_id": version.quote_mn_id,
        }
    )
