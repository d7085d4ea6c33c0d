from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.salesforce import tokens
from console.salesforce.client import Credentials, Timeouts, connect
from console.salesforce.gateway import Gateway
from tests.org import Org
from tests.salesforce.scripted import ScriptedServer, running

SECRET = "canary-secret-7f3a9b1c"
QUICK = Timeouts(connect=2.0, read=2.0)


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with running() as server:
        yield server


@pytest.fixture
def credentials(scripted: ScriptedServer) -> Credentials:
    return Credentials(base_url=scripted.base_url, client_id="console", client_secret=SECRET)


@pytest.fixture
def gateway(credentials: Credentials) -> Gateway:
    return connect(credentials, timeouts=QUICK)


@pytest.fixture
def org_credentials(org: Org) -> Credentials:
    return Credentials(org.url, org.server.client_id, client_secret=org.server.client_secret)


@pytest.fixture
def org_gateway(org_credentials: Credentials) -> Gateway:
    tokens._logins.forget()  # an earlier test may have met the same org without several currencies
    return connect(org_credentials, timeouts=Timeouts(connect=5, read=30))
