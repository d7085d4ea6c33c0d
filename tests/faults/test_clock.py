"""Clocks that are wrong: leases and waits go by the database's."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now, TruncHour
from django.utils import timezone

from console.models import ApiCalls, OutboundPush, SalesforceConnection
from syncrules.reasons import Reason
from tests.builders import make_client
from tests.faults import calls
from tests.faults.deals import edit_all
from tests.faults.transitions import steps
from tests.faults.world import NOWHERE, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
HOURS = 3600


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """What says by how many seconds a clock is ahead."""
    return tmp_path / "clock"


def test_a_clock_is_hours_off(world: World, clock: Path) -> None:
    """Fault 23: a worker's, in either direction, and that of who signs a call."""
    ahead = (2 if world.seed % 2 else -2) * HOURS
    clock.write_text(str(ahead))
    world.make_deals(world.random.randint(2, 6))
    world.org.break_with(action="status", object="Opportunity", name="once")
    edit_all(world.deals)
    worker = world.with_a_wrong_clock("work", clock)
    address, sender = f"{world.web()}/api/v1/salesforce/opportunities", make_client()
    sent = calls.body({"Id": world.deals[0].salesforce_id})
    for skew, status in ((ahead, 401), (-310, 401), (310, 401), (-240, 200), (240, 200)):
        answer = calls.signed("POST", address, sender=sender, sent=sent, skew=skew)
        assert answer.status_code == status, (skew, answer.text)

    world.until(lambda: world.told(Reason.WILL_BE_RETRIED), what="an attempt has failed")
    OutboundPush.objects.filter(state=OutboundPush.State.QUEUED).update(not_before=Now())
    SalesforceConnection.objects.update(paused_until=Now())
    world.sweeper()
    world.until_delivered()

    assert not any(step.is_takeover for step in steps())
    world.until(lambda: "timestamp" in worker.log(), what="the worker has said something")
    said = [json.loads(line) for line in worker.log().splitlines() if line.startswith("{")]
    said_at = datetime.fromisoformat(said[0]["timestamp"])
    assert abs(said_at - timezone.now()) > timedelta(hours=1), "its clock was right"


def test_a_clock_jumps(world: World, clock: Path) -> None:
    """Fault 24: an hour back or forth, as after a leap of the time zone, while a sweeper waits for
    Salesforce; it neither claims nor asks more than it has to."""
    clock.write_text("0")
    world.make_deals(world.random.randint(2, 6))
    world.org.break_with(action="delay", seconds=0.5, object="Opportunity", name="slow")
    edit_all(world.deals)
    world.with_a_wrong_clock("sweep_outbound", clock, REDIS_URL=NOWHERE)
    world.until(lambda: world.org.fired("slow"), what="the sweeper waits for Salesforce")

    clock.write_text(str(HOURS if world.seed % 2 else -HOURS))
    world.until_delivered()
    edit_all(world.deals)
    world.until_delivered()

    claims = [step for step in steps() if step.is_claim]
    assert len(claims) == OutboundPush.objects.count() == 2 * len(world.deals)


def test_a_clock_that_is_behind_spends_no_more(world: World, clock: Path) -> None:
    """Fault 23: calls are counted, and their budget is read, by the database's hours."""
    clock.write_text(str(-2 * HOURS))
    world.make_deals(world.random.randint(1, 3))
    world.org.set(api_limit=1000)
    SalesforceConnection.objects.update(share_percent=1, next_poll_at=None, calls_allowed=1000)
    ApiCalls.objects.create(connection=world.connection, hour=TruncHour(Now()), calls=500)
    edit_all(world.deals)
    world.with_a_wrong_clock("sweep_outbound", clock, REDIS_URL=NOWHERE, POLL_SECONDS="1")

    turns: set[datetime | None] = set()

    def has_gone_round() -> bool:
        turns.update(SalesforceConnection.objects.values_list("next_poll_at", flat=True))
        return len(turns) > 2

    world.until(has_gone_round, what="the sweeper has gone round")
    assert world.org.journal() == []

    ApiCalls.objects.all().delete()
    world.org.set(api_limit=100_000)
    world.until_delivered()
