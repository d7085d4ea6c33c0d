"""One org process for these tests, empty and with its default settings before each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.localorg.process import Client, LocalOrg

DEFAULTS = {
    "latency_ms": 0,
    "token_lifetime_seconds": 7200,
    "api_limit": 100_000,
    "zero_quantity": "reject",
    "scheduled_lines": "ignore",
}


@pytest.fixture(scope="package")
def running_org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalOrg]:
    running = LocalOrg(tmp_path_factory.mktemp("localorg") / "org.db")
    yield running
    assert running.end() == 0


@pytest.fixture
def local(running_org: LocalOrg) -> LocalOrg:
    running_org.control("POST", "reset")
    running_org.set(**DEFAULTS)
    return running_org


@pytest.fixture
def client(local: LocalOrg) -> Iterator[Client]:
    client = Client(local)
    yield client
    client.close()
