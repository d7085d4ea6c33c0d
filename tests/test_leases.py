"""How long a claim holds, and what becomes of it when its process dies, stands still or fails."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from console import claims, leases
from console.actor import Actor
from console.models import Opportunity, OutboundPush
from tests.builders import make_account, make_opportunity, make_push
from tests.facts import sf_id
from tests.races.at_once import at_once
from tests.waiting_times import leases_run_out

pytestmark = pytest.mark.django_db
State = OutboundPush.State
Urgency = OutboundPush.Urgency
Lane = OutboundPush.Lane
VERA = Actor(name="vera", user_id=1)


def ids(claimed: list[claims.Claim]) -> list[int]:
    return [claim.push_id for claim in claimed]


def test_what_is_taken_over_names_the_worker_that_lost_it_and_is_struck() -> None:
    push = make_push()
    claims.claim(owner="anna/1-0")
    leases_run_out()

    (claim,) = claims.claim(owner="bert/2-0")

    assert claim.lost_by == "anna/1-0"
    assert claim.strikes is not None
    assert claim.strikes.count == 1
    push.refresh_from_db()
    assert (push.claimed_by, push.strikes) == ("bert/2-0", 1)


def test_a_push_of_an_earlier_version_is_taken_over_too() -> None:
    make_push(state=State.SENDING, lease_until=Now() - timedelta(seconds=1))

    (claim,) = claims.claim()

    assert claim.lost_by == "one of an earlier version"


def test_only_leases_in_force_are_prolonged_and_only_ones_own() -> None:
    for owner in ("anna/1-0", "anna/1-1", "bert/2-0"):
        make_push()
        claims.claim(owner=owner)
    OutboundPush.objects.filter(claimed_by="anna/1-1").update(
        lease_until=Now() - timedelta(seconds=1)
    )

    assert leases.renew("anna/1") == 1


def test_a_worker_frees_what_its_dead_process_had_and_nobody_elses() -> None:
    for owner in ("anna/1-0", "anna/2-0", "bert/1-0"):
        make_push()
        claims.claim(owner=owner)

    assert leases.give_up_those_of("anna", but="anna/2") == 1

    assert [claim.lost_by for claim in claims.claim()] == ["anna/1-0"]


def test_what_was_given_up_rests_for_its_time_though_its_process_lives() -> None:
    push = make_push(strikes=3, struck_at=Now())
    claims.claim(owner="anna/1-0")
    leases.give_up("anna/1-0")
    push.refresh_from_db()
    rests_until = push.lease_until

    assert leases.renew("anna/1") == 0

    push.refresh_from_db()
    assert push.lease_until == rests_until
    assert not leases.is_anybody_at_work()
    leases_run_out()
    assert [claim.lost_by for claim in claims.claim()] == ["anna/1-0"]


def test_what_rests_keeps_its_record_and_nothing_else_of_its_account() -> None:
    """What was sent may still arrive there."""
    account, record = make_account(), sf_id()
    make_push(
        opportunity=make_opportunity(account=account, creation_reference=record),
        strikes=3,
        struck_at=Now(),
    )
    claims.claim(owner="anna/1-0")
    leases.give_up("anna/1-0")
    sibling = make_push(opportunity=make_opportunity(account=account))
    make_push(opportunity=make_opportunity(creation_reference=record))

    assert ids(claims.claim()) == [sibling.pk]


@pytest.mark.django_db(transaction=True)
def test_whoever_prolongs_waits_for_nobody() -> None:
    """Two who update many rows in different orders would lock each other out."""
    pushes = [make_push() for _ in range(2)]
    claims.claim(owner="anna/1-0")
    is_held, is_done = threading.Event(), threading.Event()

    def record_one() -> None:
        with transaction.atomic():
            OutboundPush.objects.filter(pk=pushes[0].pk).update(detail="recorded")
            is_held.set()
            is_done.wait(10)

    def prolong() -> int:
        is_held.wait(10)
        try:
            return leases.renew("anna/1")
        finally:
            is_done.set()

    _, prolonged = at_once(record_one, prolong)

    assert prolonged == 1


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_connection_frees_what_was_in_hand() -> None:
    make_push()
    claims.claim(owner="anna/1-0")
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert leases.give_up("anna/1-0") == 1


def test_what_fails_each_time_is_taken_over_after_an_ever_longer_rest() -> None:
    push = make_push(opportunity=Opportunity.objects.get(pk=make_opportunity().pk))
    rests = []
    for strikes in (0, 1, 3, 20, 2000):
        OutboundPush.objects.update(
            state=State.QUEUED, strikes=strikes, struck_at=Now(), lease_until=None
        )
        claims.claim(owner="anna/1-0")
        leases.give_up("anna/1-0")
        row = OutboundPush.objects.annotate(rest=F("lease_until") - Now()).get(pk=push.pk)
        rests.append(round(row.rest.total_seconds()))

    assert rests == [0, 1, 7, 60, 60]
