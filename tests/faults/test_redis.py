"""Redis goes away, forgets, or rings too often: it carries wake-ups only."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from redis import Redis

from console import doorbell, roles
from console.admin import addresses
from console.admin.base import page_of
from console.models import Opportunity
from tests.builders import make_user
from tests.faults.deals import edit, edit_all, edit_with
from tests.faults.process import Process
from tests.faults.transitions import steps
from tests.faults.world import World
from tests.servers import ValkeyServer, start_valkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def own_valkey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ValkeyServer]:
    """A server that this test may kill, in place of the session's."""
    server = start_valkey(tmp_path / "valkey")
    monkeypatch.setattr(settings, "REDIS_URL", server.url)
    monkeypatch.setitem(settings.RQ_QUEUES["outbound"], "URL", server.url)
    yield server
    server.stop()


@pytest.fixture
def olga(world: World) -> Client:
    """Signed in as an operator."""
    client = Client()
    client.force_login(make_user("olga", role=roles.OPERATOR))
    return client


def sent_by(process: Process) -> bool:
    """Whether the latest claim was this command's own, and not that of a worker's job."""
    claims = [step for step in steps() if step.is_claim]
    return claims[-1].owner.startswith(f"{socket.gethostname()}.{process.pid}/")


def test_redis_is_down_when_somebody_saves(
    own_valkey: ValkeyServer, olga: Client, world: World
) -> None:
    """Fault 8: gone, or taking every call and never answering; the page answers as always, and the
    sweeper delivers."""
    if world.seed % 2:
        own_valkey.kill()
    else:
        own_valkey.stand_still()
    for deal in world.make_deals(world.random.randint(2, 5)):
        with edit_with(deal) as version:
            answer = olga.post(
                addresses.primary(deal.opportunity_id), {"quote": version.quote_mn_id}
            )
        assert answer.status_code == 302
        assert answer.headers["Location"] == page_of(Opportunity(pk=deal.opportunity_id))

    sweeper = world.sweeper()
    world.until_delivered()

    assert sent_by(sweeper)


def test_redis_is_emptied_with_a_backlog(world: World, redis: Redis) -> None:
    """Fault 9: nobody was at work yet, or a worker was just then."""
    world.make_deals(world.random.randint(3, 10))
    world.org.break_with(action="delay", seconds=0.5, object="Opportunity", name="slow")
    edit_all(world.deals)
    if world.seed % 2:
        redis.flushdb()
        world.worker()
    else:
        world.worker()
        world.until(lambda: world.org.fired("slow"), what="the worker is at work")
        redis.flushdb()
        edit_all(world.some())
    world.sweeper()

    world.until_delivered()


def test_redis_is_started_anew_with_nothing_kept(own_valkey: ValkeyServer, world: World) -> None:
    """Fault 10: whether the worker was idle or busy, it is back, or started again."""
    world.make_deals(world.random.randint(3, 8))
    world.supervise(world.worker)
    if world.seed % 2:
        world.until(lambda: workers(own_valkey), what="the worker waits for work")
        own_valkey.kill()
        edit_all(world.some())
    else:
        world.org.break_with(action="delay", seconds=1.0, object="Opportunity", name="slow")
        edit_all(world.some())
        world.until(lambda: world.org.fired("slow"), what="the worker is at work")
        own_valkey.kill()
    own_valkey.lose_everything()
    sweeper = world.sweeper()
    world.until_delivered()
    own_valkey.start()

    world.until(lambda: workers(own_valkey), what="a worker is back")
    edit_all(world.deals)
    world.until_delivered()

    assert not sent_by(sweeper)


def workers(server: ValkeyServer) -> int:
    """How many workers have told that they are there."""
    with Redis.from_url(server.url) as client:
        return len(client.keys("rq:worker:*"))


def test_redis_evicts_what_a_job_is(world: World, redis: Redis) -> None:
    """Fault 11: a job without a body is no work, and the sweeper rings again; by every other seed
    not before the mark of the last ring has expired."""
    world.make_deals(world.random.randint(2, 8))
    edit_all(world.deals)
    also = ["outbound:rung"] if world.seed % 2 == 0 else []
    redis.delete(*redis.keys("rq:job:*"), *also)
    world.worker()
    world.sweeper()

    world.until_delivered()


def test_wake_ups_come_in_crowds_for_one_deal(world: World, redis: Redis) -> None:
    """Fault 12: what was edited often is sent once."""
    (hot,) = world.make_deals(1, versions=10)
    for _ in range(10):
        edit(hot)
    for _ in range(100 if world.is_soak else 15):
        doorbell.answered()
        doorbell.ring()
    worker = world.worker(PUSH_THREADS="1")

    world.until_delivered()
    world.until(
        lambda: not redis.llen("rq:queue:outbound") and worker.horse is None,
        what="all wake-ups were heard",
    )

    (write,) = world.org.journal()
    assert write["after"]["monetize__PrimaryQuote__c"] == hot.present.record
