"""What tests share: an empty local org, the connection to it, and a clock that is wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from redis import Redis

from console.models import SalesforceConnection
from tests.builders import make_connection
from tests.org import Org
from tests.pair import Pair, make_pair
from tests.services import local_org


@pytest.fixture
def org() -> Org:
    """The local org of this test process, empty."""
    org = Org(local_org())
    org.reset()
    return org


@pytest.fixture
def connected(org: Org, db: None) -> SalesforceConnection:
    """The live connection to the local org."""
    return make_connection(
        name="local org",
        base_url=org.url,
        client_id=org.server.client_id,
        client_secret=org.server.client_secret,
        is_local=True,
    )


@pytest.fixture
def pair(org: Org, connected: SalesforceConnection) -> Pair:
    """An MN opportunity and a Salesforce opportunity that may be linked."""
    return make_pair(org)


@pytest.fixture
def redis() -> Redis:
    """This test process's own Redis database, empty."""
    client = Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    return client


@pytest.fixture
def fast_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """This host is two hours ahead of the database and of Salesforce."""
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(hours=2))
