"""A world for each fault test, and its books checked when the test is through."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from console.models import ProductSyncSetting, SalesforceConnection
from tests.faults.transitions import watched
from tests.faults.world import RHYTHM, SEEDS_IN_CI, World
from tests.org import Org

_IN_SOAK = int(os.environ.get("FAULT_SEEDS", "20"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each fault over several seeds, and over many in the soak: FAULT_SEEDS=50 pytest -m soak."""
    if "seed" in metafunc.fixturenames:
        few = [*range(1, SEEDS_IN_CI + 1)]
        many = [
            pytest.param(seed, marks=pytest.mark.soak)
            for seed in range(SEEDS_IN_CI + 1, _IN_SOAK + 1)
        ]
        metafunc.parametrize("seed", [*few, *many])


@pytest.fixture
def quick(settings: Settings) -> None:
    """This process's own claims are as short as those of the others."""
    settings.PUSH_LEASE = timedelta(seconds=int(RHYTHM["PUSH_LEASE_SECONDS"]))
    settings.SALESFORCE_LONGEST = timedelta(seconds=int(RHYTHM["SALESFORCE_LONGEST_SECONDS"]))


@pytest.fixture
def world(
    connected: SalesforceConnection,
    org: Org,
    seed: int,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[World]:
    """Nobody polls, products are not synced unless deals have lines, and processes are quick."""
    for needed in ("transactional_db", "redis", "quick"):
        request.getfixturevalue(needed)
    SalesforceConnection.objects.update(next_poll_at=timezone.now() + timedelta(days=1))
    ProductSyncSetting.objects.create(reason_text="links only", is_active=True, is_disabled=True)
    world = World(org, connected, tmp_path, seed)
    with watched():
        try:
            yield world
        finally:
            world.kill_all()
    org.set(latency_ms=0, api_limit=100_000)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """After what the test itself asserts: the invariants of its history."""
    done = yield
    world = pyfuncitem.funcargs.get("world")
    if isinstance(world, World):
        world.check()
    return done
