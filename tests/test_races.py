"""Two at once, each with a connection of its own: one wins, the other waits or goes without."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import pytest
from django.db import connection, transaction

from console import claims, inbox, outbox
from console.actor import Actor
from console.locks import lock_opportunities, lock_records
from console.models import InboundEvent, Opportunity, OutboundPush
from tests.builders import make_event, make_opportunity, make_push
from tests.facts import NOON, sf_id

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")


def request(opportunity: Opportunity) -> OutboundPush:
    actor = Actor(name="vera")
    return outbox.request_push(opportunity_id=opportunity.pk, trigger="edit", actor=actor)


def test_of_two_claims_at_once_one_wins() -> None:
    for _ in range(20):
        make_push()

    claimed = _at_once(claims.claim, claims.claim)

    handed_out = [claim.push_id for each in claimed for claim in each]
    assert len(handed_out) == len(set(handed_out)) == 20


def test_two_requests_at_once_are_one_push() -> None:
    opportunity = make_opportunity()

    _at_once(lambda: request(opportunity), lambda: request(opportunity))

    assert OutboundPush.objects.get().requests == 2


def test_a_request_waits_for_who_holds_the_opportunity() -> None:
    """So the order of rows is the order of commits."""
    opportunity = make_opportunity()
    requested = threading.Event()

    def ask() -> None:
        request(opportunity)
        requested.set()
        connection.close()

    other = threading.Thread(target=ask)
    with transaction.atomic():
        lock_opportunities([opportunity.pk])
        other.start()
        assert not requested.wait(0.2)
        assert not OutboundPush.objects.exists()
    other.join(10)

    assert requested.is_set()


def test_a_request_while_the_push_is_being_claimed_waits_for_the_next_one() -> None:
    """Whoever claims it may have read what is sent before the edit was there."""
    opportunity = make_opportunity()
    request(opportunity)
    requested = threading.Event()

    def ask() -> None:
        request(opportunity)
        requested.set()
        connection.close()

    other = threading.Thread(target=ask)
    with transaction.atomic():
        assert len(claims.claim()) == 1
        other.start()
        assert not requested.wait(0.2)
    other.join(10)

    assert [push.state for push in opportunity.pushes.order_by("pk")] == ["sending", "queued"]


def test_a_release_takes_no_push_that_somebody_edits_and_neither_waits_for_the_other() -> None:
    pushes = [make_push(state=OutboundPush.State.HELD) for _ in range(3)]

    def release() -> int:
        return outbox.release_held()

    with transaction.atomic():
        request(pushes[-1].opportunity)
        (released,) = _at_once(release)

    assert released == 2
    assert outbox.release_held() == 1


def _at_once(*calls: Callable[[], T]) -> list[T]:
    """What the calls give, each made by a thread with a connection of its own."""
    start, results = threading.Barrier(len(calls)), []

    def run(call: Callable[[], T]) -> None:
        start.wait(10)
        try:
            results.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(results) == len(calls)
    return results


def test_of_two_claims_of_events_at_once_one_wins() -> None:
    for _ in range(20):
        make_event()

    claims = _at_once(lambda: inbox.claim(limit=100), lambda: inbox.claim(limit=100))

    handed_out = [event.pk for each in claims for event in each]
    assert len(handed_out) == len(set(handed_out)) == 20


def test_the_same_event_twice_at_once_is_kept_once() -> None:
    salesforce_id = sf_id()

    def receive() -> bool:
        _, is_new = inbox.receive(
            sender="crm",
            event_id="msg-1",
            salesforce_id=salesforce_id,
            modified_at=NOON,
            payload={},
        )
        return is_new

    assert sorted(_at_once(receive, receive)) == [False, True]
    assert InboundEvent.objects.get().repeats == 1


def test_who_wants_a_record_waits_for_who_holds_it() -> None:
    """A record has no row of its own here, so the lock is an advisory one."""
    salesforce_id, held = sf_id(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock_records([salesforce_id])
            held.set()
        connection.close()

    other = threading.Thread(target=hold)
    with transaction.atomic():
        lock_records([salesforce_id])
        other.start()
        assert not held.wait(0.2)
    other.join(10)

    assert held.is_set()
