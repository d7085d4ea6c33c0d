"""What happens by itself, turn by turn, with no worker and no doorbell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import DataError, OperationalError, connection
from pytest_django import Settings
from redis import Redis

from console import outbox, sweep
from console.actor import Actor
from console.models import Association, Chore, OutboundPush, SalesforceConnection, SyncLog
from syncrules.facts import MN_ID_FIELD
from tests.builders import (
    make_connection,
    make_event,
    make_opportunity,
    make_pairing,
    make_push,
    make_quote,
)
from tests.facts import sf_id
from tests.org import Org
from tests.outage import no_database

pytestmark = pytest.mark.django_db
State = SalesforceConnection.State


@pytest.fixture
def no_redis(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"


@pytest.mark.usefixtures("no_redis")
def test_one_turn_links_and_pushes_what_changed_in_salesforce(
    org: Org, connected: SalesforceConnection
) -> None:
    quote = make_quote(opportunity=make_opportunity(), is_primary=True)
    salesforce_id, record = sf_id(), sf_id("a0B")
    org.add_quote(record, quote.mn_id)
    org.add_opportunity(salesforce_id, monetize__PrimaryQuote__c=record)

    call_command("sweep_outbound", once=True)

    assert quote.opportunity is not None
    assert Association.objects.get().salesforce_id == salesforce_id
    assert org.opportunity(salesforce_id)[MN_ID_FIELD] == quote.opportunity.mn_id
    told = SyncLog.objects.order_by("id").values_list("flow", "reason")
    assert list(told) == [
        ("link_via_primary_quote", "linked"),
        ("push_outbound", "pushed"),
        ("sync_products", "products_in_step"),
    ]


@pytest.mark.usefixtures("no_redis")
def test_what_was_seen_is_not_acted_upon_again(org: Org, connected: SalesforceConnection) -> None:
    org.add_opportunity(sf_id())
    call_command("sweep_outbound", once=True)
    assert SyncLog.objects.get().reason == "primary_quote_missing"

    SalesforceConnection.objects.update(next_poll_at=None)
    call_command("sweep_outbound", once=True)

    assert SyncLog.objects.count() == 1


def test_with_nothing_due_nobody_is_woken(redis: Redis) -> None:
    sweep.ring_or_drain()

    assert redis.llen("rq:queue:outbound") == 0


@pytest.mark.django_db(transaction=True)  # django-rq puts nothing into Redis before a commit
def test_what_is_just_due_is_left_to_a_worker(redis: Redis) -> None:
    push = outbox.request_push(
        opportunity_id=make_opportunity().pk, trigger="edit", actor=Actor(name="vera")
    )

    sweep.ring_or_drain()

    push.refresh_from_db()
    assert redis.llen("rq:queue:outbound") == 1
    assert push.state == OutboundPush.State.QUEUED


@pytest.mark.usefixtures("redis")
def test_what_no_worker_takes_up_is_sent_from_here(
    org: Org, connected: SalesforceConnection
) -> None:
    salesforce_id = sf_id()
    org.add_opportunity(salesforce_id)
    pairing = make_pairing(salesforce_id=salesforce_id)
    make_push(opportunity=pairing.opportunity)  # due for months

    sweep.ring_or_drain()

    assert org.opportunity(salesforce_id)[MN_ID_FIELD] == pairing.opportunity.mn_id


def test_a_broken_connection_is_probed_and_what_was_held_goes_out(
    redis: Redis, connected: SalesforceConnection
) -> None:
    SalesforceConnection.objects.update(state=State.BROKEN)
    held = make_push(state=OutboundPush.State.HELD)

    sweep.probe()

    connected.refresh_from_db()
    held.refresh_from_db()
    assert (connected.state, held.state) == (State.LIVE, OutboundPush.State.QUEUED)


def test_a_connection_that_stays_broken_is_left_alone_for_a_while(org: Org) -> None:
    row = make_connection(
        base_url=org.url, client_secret="wrong", state=State.BROKEN, is_local=True
    )
    sweep.probe()
    row.refresh_from_db()
    tried_again_at = row.next_poll_at

    sweep.probe()

    row.refresh_from_db()
    assert row.state == State.BROKEN
    assert row.next_poll_at == tried_again_at is not None


def test_without_a_connection_nothing_happens() -> None:
    sweep.turn()

    assert not SyncLog.objects.exists()


@pytest.mark.usefixtures("no_redis")
def test_a_part_that_fails_keeps_no_other_from_its_turn(
    org: Org, connected: SalesforceConnection
) -> None:
    """The driver reads no time of the year 10000, which can be stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE console_inboundevent SET modified_at = '10000-01-01Z' WHERE id = %s",
            [make_event().pk],
        )
    salesforce_id = sf_id()
    org.add_opportunity(salesforce_id)
    pairing = make_pairing(salesforce_id=salesforce_id)
    make_push(opportunity=pairing.opportunity)

    with pytest.raises(ExceptionGroup) as caught:
        sweep.turn()

    assert caught.group_contains(DataError)
    assert org.opportunity(salesforce_id)[MN_ID_FIELD] == pairing.opportunity.mn_id


@pytest.mark.usefixtures("no_redis")
def test_what_is_due_goes_before_salesforce_is_asked_what_is_new(
    org: Org, connected: SalesforceConnection
) -> None:
    salesforce_id = sf_id()
    org.add_opportunity(salesforce_id)
    pairing = make_pairing(salesforce_id=salesforce_id)
    make_push(opportunity=pairing.opportunity)
    org.break_with(action="status", status=503, path="query", nth=2, times=None)

    sweep.turn()

    assert org.opportunity(salesforce_id)[MN_ID_FIELD] == pairing.opportunity.mn_id


@pytest.fixture
def cancelled() -> Iterator[None]:
    """The database cancels whoever takes up an event, as after a statement's timeout."""
    with connection.cursor() as cursor:
        cursor.execute(_CANCEL)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION cancel CASCADE")


_CANCEL = """
CREATE FUNCTION cancel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'canceling statement' USING ERRCODE = 'query_canceled'; END $$;
CREATE TRIGGER cancel BEFORE UPDATE ON console_inboundevent EXECUTE FUNCTION cancel();
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_redis", "cancelled")
def test_a_statement_that_is_cancelled_ends_its_part_of_the_turn_only(
    org: Org, connected: SalesforceConnection
) -> None:
    make_event()

    with pytest.raises(ExceptionGroup) as caught:
        sweep.turn()

    assert caught.group_contains(OperationalError)
    assert Chore.objects.exists(), "the last part has had its turn"


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_ends_the_turn_at_once() -> None:
    with no_database(), pytest.raises(OperationalError):
        sweep.turn()
