"""Tokens that expire in the middle of something, and credentials that are refused."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from console import doorbell
from console.models import OutboundPush, SalesforceConnection
from tests.faults.deals import edit_all
from tests.faults.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
State = OutboundPush.State
Connection = SalesforceConnection.State
WORKERS = 4


def logins(world: World) -> int:
    return sum(each["path"].endswith("/oauth2/token") for each in world.org.requests())


def test_the_token_expires_between_calls(world: World) -> None:
    """Fault 25: each worker signs in once at most, repeats its call, and no attempt counts."""
    world.make_deals(60, accounts=20)
    edit_all(world.deals)
    OutboundPush.objects.update(strikes=3, struck_at=Now())  # small batches, shared by all
    world.org.set(latency_ms=20)
    nth = world.random.randint(2, 8)
    world.org.break_with(action="expire_tokens", path="services/data", nth=nth, name="expired")
    for _ in range(WORKERS):
        world.worker()

    for _ in range(WORKERS):
        doorbell.answered()
        doorbell.ring()
    world.until_delivered()

    assert world.org.fired("expired") == 1
    assert 2 <= logins(world) <= 1 + WORKERS
    assert set(OutboundPush.objects.values_list("state", "attempts")) == {(State.SENT, 0)}


def test_the_credentials_are_refused(world: World) -> None:
    """Fault 26: the connection is broken, what waits is held with its attempts, somebody is told
    once; and all of it goes out when they are good again."""
    world.make_deals(world.random.randint(4, 10), accounts=2)
    refusal = {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    world.org.expire_tokens()
    world.org.break_with(action="status", status=400, body=refusal, path="oauth2/token", times=None)
    edit_all(world.deals)
    for _ in range(2):
        world.worker()
        doorbell.answered()
        doorbell.ring()
    world.until(lambda: world.pushes(State.HELD) == len(world.deals), what="pushes are held")

    broken = SalesforceConnection.objects.get()
    assert (broken.state, "invalid_grant" in broken.detail) == (Connection.BROKEN, True)
    assert set(OutboundPush.objects.values_list("attempts", "strikes")) == {(0, 0)}
    alerts = sum(each.log().count("alert: the connection") for each in world.processes)
    assert alerts == 1

    world.org.mend()
    SalesforceConnection.objects.update(next_poll_at=None)
    world.sweeper()
    world.until_delivered()

    assert SalesforceConnection.objects.get().state == Connection.LIVE
