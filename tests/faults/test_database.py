"""PostgreSQL goes away, throws us out, undoes what we do, or stands behind a pooler."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from console import environment
from console.models import Opportunity, OutboundPush, Quote, SyncLog
from syncrules.reasons import Reason
from tests.builders import make_client
from tests.faults import calls
from tests.faults.deals import Deal, edit, edit_all, edit_with
from tests.faults.pooler import Pooler
from tests.faults.sessions import throw_everybody_out
from tests.faults.transitions import steps
from tests.faults.world import World, database_url
from tests.servers import PostgresServer, start_postgres
from tests.services import session_folder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
State = OutboundPush.State


# --- A server that may be stopped -----------------------------------------------------------------


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    server = start_postgres(session_folder() / f"postgres-of-{os.getpid()}")
    yield server
    server.stop()


@pytest.fixture
def own_postgres(postgres: PostgresServer, transactional_db: None) -> Iterator[PostgresServer]:
    """This test's database is on a server of its own."""
    used, before = connection.settings_dict, dict(connection.settings_dict)
    connection.close()
    used.update(environment.database(postgres.url))
    try:
        if not connection.introspection.table_names():
            call_command("migrate", verbosity=0)
        yield postgres
        call_command("flush", interactive=False, verbosity=0)
    finally:
        connection.close()
        used.clear()
        used.update(before)


@pytest.mark.xdist_group("own_postgres")
def test_the_server_is_aborted_in_the_middle_of_transactions(
    own_postgres: PostgresServer, world: World
) -> None:
    """Fault 14: a call is told to come again, nothing is half done, and everybody reconnects."""
    world.make_deals(4, versions=4)
    web, sender = world.web(), make_client()
    world.worker(faults="in_complete=sleep:0.3")
    world.sweeper()
    wanted = [
        (deal, calls.of_version(deal, version))
        for place in (1, 2, 3)
        for deal in world.deals
        for version in [deal.versions[place]]
    ]
    accepted_before = world.random.randint(2, 8)

    def put(deal: Deal, sent: bytes) -> int:
        address = f"{web}/api/v1/opportunities/{deal.mn_id}"
        answer = calls.signed("PUT", address, sender=sender, sent=sent)
        assert answer.status_code in (200, 503), answer.text
        return answer.status_code

    for number, (deal, sent) in enumerate(wanted):
        with edit_with(deal):
            if number == accepted_before:
                own_postgres.abort()
                assert put(deal, sent) == 503
                assert calls.status(f"{web}/readyz") == 503
                own_postgres.start()
                connection.close()
            world.until(lambda: put(deal, sent) == 200, what="the call is accepted")  # noqa: B023

    assert calls.status(f"{web}/readyz") == 200
    world.until_delivered()
    for deal in world.deals:
        told = SyncLog.objects.filter(
            opportunity_id=deal.opportunity_id, reason=Reason.PRIMARY_QUOTE_SET
        )
        assert told.count() == 3


# --- Connections that end -------------------------------------------------------------------------


def test_the_database_throws_a_worker_out_while_it_waits(world: World) -> None:
    """Fault 15: it records over a new connection, and its lease holds as long as it waits."""
    world.make_deals(world.random.randint(2, 6))
    world.org.break_with(action="delay", seconds=2.6, object="Opportunity", name="slow")
    edit_all(world.deals)
    world.worker(SALESFORCE_PATIENCE_SECONDS="20")
    world.until(lambda: world.org.fired("slow"), what="the worker waits for Salesforce")

    assert throw_everybody_out() > 0
    world.until_delivered()

    assert not any(step.is_takeover for step in steps())


# --- Transactions that are undone -----------------------------------------------------------------


@contextmanager
def somebody_else(first: str, then: str) -> Iterator[None]:
    """A transaction that takes the one lock, and while we are within wants the other. It waits so
    long that in a deadlock it is not the one to be undone."""
    with psycopg.connect(database_url()) as other:
        other.execute("SET deadlock_timeout = '20s'")
        other.execute(first)
        waits = threading.Thread(target=other.execute, args=[then])
        yield
        waits.start()
        waits.join()


def test_two_transactions_wait_for_each_other(world: World) -> None:
    """Fault 16: the one that was undone is repeated, a worker's record or, by every other seed, a
    person's edit; nothing is half done."""
    one, two = world.make_deals(2)
    before = deadlocks()
    if world.seed % 2:
        world.org.break_with(action="delay", seconds=0.5, object="Opportunity", name="slow")
        edit_all(world.deals)
        world.worker()
        world.until(lambda: world.org.fired("slow"), what="the worker will record in a moment")
        with somebody_else(held(Opportunity, two), held(Opportunity, one)):
            world.until(somebody_waits, what="the worker waits for the second deal")
    else:
        quote = Quote.objects.get(pk=one.next.quote_id)
        person = threading.Thread(target=edit_in_a_thread, args=[one])
        with somebody_else(
            f"SELECT 1 FROM console_quote WHERE id = {quote.pk} FOR UPDATE", held(Opportunity, one)
        ):
            person.start()
            world.until(somebody_waits, what="the person waits for the quote")
        person.join()
        assert SyncLog.objects.filter(reason=Reason.PRIMARY_QUOTE_SET).count() == 1
    world.calm()
    world.until(lambda: deadlocks() > before, what="the deadlock was counted")


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def held(model: type[Opportunity], deal: Deal) -> str:
    return f"SELECT 1 FROM {model._meta.db_table} WHERE id = {deal.opportunity_id} FOR UPDATE"


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def edit_in_a_thread(deal: Deal) -> None:
    try:
        edit(deal)
    finally:
        connection.close()


# --- A pooler -------------------------------------------------------------------------------------


@pytest.fixture
def pooler(world: World) -> Iterator[Pooler]:
    pooler = Pooler(database_url())
    yield pooler
    world.kill_all()
    pooler.close()


def test_transactions_are_pooled(world: World, pooler: Pooler) -> None:
    """Fault 45: nothing relies on what a session was told, or holds from one transaction on."""
    world.make_deals(world.random.randint(4, 10), versions=4)
    for _ in range(2):
        world.worker(DATABASE_URL=pooler.url)
    world.sweeper(DATABASE_URL=pooler.url)

    for _ in range(3):
        edit_all(world.some())
    world.until_delivered()

    assert pooler.transactions > 0
