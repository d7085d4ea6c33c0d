"""The whole way on real parts: HTTP in, PostgreSQL, an RQ worker process, HTTP out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from redis import Redis

from console import doorbell, sweep
from console.api.signature import sign
from console.models import ApiClient, OutboundPush, SalesforceConnection, SyncLog
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD
from tests.builders import make_client, make_opportunity, make_quote
from tests.facts import sf_id
from tests.org import Org
from tests.servers import ValkeyServer, start_valkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
URL = "/api/v1/salesforce/opportunities"


@pytest.fixture
def sender(connected: SalesforceConnection) -> ApiClient:
    return make_client(key="crm")


@pytest.fixture
def worker(redis: Redis) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py work` as its own process, on this test's database and Redis."""
    process = start_worker(redis_url=settings.REDIS_URL)
    yield process
    process.terminate()
    process.wait(timeout=20)


def start_worker(*, redis_url: str) -> subprocess.Popen[bytes]:
    named = settings.DATABASE_URL.rpartition("/")
    database = connection.settings_dict["NAME"]
    _, mark, options = named[2].partition("?")
    environment = {
        **os.environ,
        "DATABASE_URL": f"{named[0]}/{database}{mark}{options}",
        "REDIS_URL": redis_url,
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "work"],
        cwd=Path(__file__).resolve().parent.parent,
        env=environment,
    )


def until(holds: Callable[[], bool], *, what: str, seconds: int = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.1)


def arrives(org: Org) -> tuple[str, str, str]:
    """A linkable record in the org: its id, its quote record's id, and the MN id to expect."""
    quote = make_quote(opportunity=make_opportunity(), is_primary=True)
    salesforce_id, record = sf_id(), sf_id("a0B")
    org.add_quote(record, quote.mn_id)
    org.add_opportunity(salesforce_id, monetize__PrimaryQuote__c=record)
    assert quote.opportunity is not None
    return salesforce_id, record, quote.opportunity.mn_id


def tell(sender: ApiClient, salesforce_id: str) -> None:
    body = json.dumps({"Id": salesforce_id}).encode()
    now = int(time.time())
    headers = {
        "client-id": sender.key,
        "webhook-id": f"msg-{salesforce_id}",
        "webhook-timestamp": str(now),
        "webhook-signature": sign(
            secret=sender.secret, webhook_id=f"msg-{salesforce_id}", timestamp=now, body=body
        ),
    }
    answer = Client().post(URL, body, content_type="application/json", headers=headers)
    assert answer.json()["decision"]["reason"] == "linked"


def nobody_takes_it_up() -> None:
    """No worker runs: the sweep loses patience and sends what is due."""
    OutboundPush.objects.update(not_before="2020-01-01T00:00:00Z")
    sweep.ring_or_drain()


def is_written(org: Org, salesforce_id: str, mn_id: str) -> bool:
    return bool(org.opportunity(salesforce_id)[MN_ID_FIELD] == mn_id)


def test_one_opportunity_travels_the_whole_way(
    sender: ApiClient, org: Org, worker: subprocess.Popen[bytes]
) -> None:
    salesforce_id, record, mn_id = arrives(org)

    tell(sender, salesforce_id)

    until(lambda: is_written(org, salesforce_id, mn_id), what="the link is in Salesforce")
    until(lambda: SyncLog.objects.count() == 3, what="all entries are in the log")
    assert org.opportunity(salesforce_id)[PRIMARY_QUOTE_FIELD] == record
    told = list(SyncLog.objects.order_by("id").values_list("flow", "reason"))
    assert told == [
        ("link_via_primary_quote", "linked"),
        ("push_outbound", "pushed"),
        ("sync_products", "products_in_step"),
    ]
    assert {push.state for push in OutboundPush.objects.all()} == {OutboundPush.State.SENT}


@pytest.fixture
def own_valkey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ValkeyServer]:
    """A Valkey that this test may kill."""
    server = start_valkey(tmp_path / "valkey")
    monkeypatch.setattr(settings, "REDIS_URL", server.url)
    monkeypatch.setitem(settings.RQ_QUEUES["outbound"], "URL", server.url)
    yield server
    server.stop()


def test_killing_valkey_on_the_way_loses_nothing(
    sender: ApiClient, org: Org, own_valkey: ValkeyServer
) -> None:
    travellers = [arrives(org) for _ in range(3)]
    tell(sender, travellers[0][0])
    own_valkey.kill()
    for salesforce_id, _, _ in travellers[1:]:
        tell(sender, salesforce_id)
    assert doorbell.workers() is None

    sweep.turn()

    for salesforce_id, _, mn_id in travellers:
        assert is_written(org, salesforce_id, mn_id)
    assert SyncLog.objects.filter(reason="pushed").count() == len(travellers)
    states = OutboundPush.objects.values_list("lane", "state")
    assert sorted(states) == [("link", "sent")] * 3 + [("products", "sent")] * 3


def test_the_poll_finds_what_nobody_told(connected: SalesforceConnection, org: Org) -> None:
    salesforce_id, _, mn_id = arrives(org)

    sweep.turn()
    nobody_takes_it_up()

    assert is_written(org, salesforce_id, mn_id)
    assert SyncLog.objects.get(reason="linked").trigger == "poll"


def test_our_own_write_coming_back_is_no_news(connected: SalesforceConnection, org: Org) -> None:
    salesforce_id, _, mn_id = arrives(org)
    sweep.turn()
    nobody_takes_it_up()
    assert is_written(org, salesforce_id, mn_id)
    entries = SyncLog.objects.count()

    SalesforceConnection.objects.update(next_poll_at=None)
    sweep.turn()

    assert SyncLog.objects.count() == entries
