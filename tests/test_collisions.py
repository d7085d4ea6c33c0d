"""Two at once on the same rows: the loser tries again; if that does not help, a person is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from console import roles
from console.collisions import is_collision, tried_again
from console.locks import lock_opportunities
from console.models import Opportunity, OutboundPush
from tests.builders import make_opportunity, make_user
from tests.outage import no_database
from tests.races.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_that_wait_for_each_other_both_come_through() -> None:
    one, two = make_opportunity(), make_opportunity()
    both_have_one = threading.Barrier(2)
    tries: list[str] = []

    def rename(name: str, first: Opportunity, second: Opportunity) -> Callable[[], None]:
        @tried_again
        def run() -> None:
            tries.append(name)
            with transaction.atomic():
                lock_opportunities([first.pk])
                if tries.count(name) == 1:
                    both_have_one.wait(10)
                lock_opportunities([second.pk])
                Opportunity.objects.filter(pk__in=[one.pk, two.pk]).update(name=name)

        return run

    at_once(rename("vera's", one, two), rename("wim's", two, one))

    assert sorted(tries) in (["vera's", "vera's", "wim's"], ["vera's", "wim's", "wim's"])
    assert len(set(Opportunity.objects.values_list("name", flat=True))) == 1


def test_what_is_no_collision_is_not_repeated() -> None:
    tries = []

    @tried_again
    def run() -> None:
        tries.append(1)
        with no_database():
            Opportunity.objects.exists()

    with pytest.raises(OperationalError) as failed:
        run()

    assert not is_collision(failed.value)
    assert len(tries) == 1


@contextmanager
def held(opportunity: Opportunity) -> Iterator[None]:
    """Somebody else has the opportunity, and we wait for a moment only."""
    is_held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock_opportunities([opportunity.pk])
            is_held.set()
            release.wait(20)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    is_held.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    try:
        yield
    finally:
        release.set()
        other.join()
        connection.close()


def signed_in() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(make_user("olga", role=roles.OPERATOR))
    return client


def push_page(opportunity: Opportunity) -> str:
    return reverse("admin:console_opportunity_push", args=[opportunity.pk])


def test_a_person_who_collides_is_asked_to_look_again() -> None:
    opportunity, client = make_opportunity(), signed_in()

    with held(opportunity):
        answer = client.post(push_page(opportunity))

    assert answer.status_code == 409
    assert "Somebody else changed the same at this very moment" in answer.content.decode()
    assert not OutboundPush.objects.exists()


def test_while_the_database_is_away_pages_say_so_and_come_back() -> None:
    opportunity, client = make_opportunity(), signed_in()

    with no_database():
        answer = client.post(push_page(opportunity))
    again = client.post(push_page(opportunity))

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "The database does not answer just now" in answer.content.decode()
    assert again.status_code == 302
    assert OutboundPush.objects.count() == 1
