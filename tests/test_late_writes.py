"""A write that was given up may still arrive: Salesforce is looked at once more."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now
from pytest_django import Settings

from console import claims, jobs, outbox
from console.actor import Actor
from console.flows import push_outbound
from console.models import OutboundPush, SalesforceConnection, SyncLog
from syncrules.facts import PRIMARY_QUOTE_FIELD
from syncrules.reasons import Reason
from tests.builders import make_pairing, make_quote
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair
from tests.waiting_times import leases_run_out, time_passes

pytestmark = pytest.mark.django_db
State = OutboundPush.State
VERA = Actor(name="vera")


@pytest.fixture
def linked(pair: Pair) -> Pair:
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    request(pair)
    return pair


def request(pair: Pair) -> None:
    outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="edit", actor=VERA)


def choose_another_quote(pair: Pair, org: Org) -> str:
    """The record of the new primary quote."""
    quote, record = make_quote(opportunity=pair.opportunity), sf_id("a0B")
    org.add_quote(record, quote.mn_id)
    pair.opportunity.primary_quote = quote
    pair.opportunity.save(update_fields=["primary_quote"])
    request(pair)
    return record


def links() -> list[tuple[str, str]]:
    pushes = OutboundPush.objects.filter(lane="link").order_by("pk")
    return list(pushes.values_list("state", "trigger"))


def test_a_write_that_arrives_after_a_newer_one_is_put_right(
    linked: Pair, org: Org, settings: Settings
) -> None:
    settings.SALESFORCE_PATIENCE = timedelta(seconds=0.3)
    first = choose_another_quote(linked, org)
    org.break_with(action="delay", seconds=1.5, path="composite$", nth=2)
    jobs.drain_outbound()
    assert links() == [(State.QUEUED, "edit")]

    settings.SALESFORCE_PATIENCE = timedelta(seconds=20)
    second = choose_another_quote(linked, org)
    OutboundPush.objects.update(not_before=Now())
    push_outbound.run(claims.claim())
    assert org.opportunity(linked.salesforce_id)[PRIMARY_QUOTE_FIELD] == second
    assert links() == [(State.SENT, "edit"), (State.QUEUED, "late_write")]
    _until_it_holds(org, linked.salesforce_id, first)

    time_passes()
    jobs.drain_outbound()

    assert org.opportunity(linked.salesforce_id)[PRIMARY_QUOTE_FIELD] == second
    assert links() == [(State.SENT, "edit"), (State.SENT, "late_write")]


def _until_it_holds(org: Org, salesforce_id: str, record: str) -> None:
    for _ in range(100):
        if org.opportunity(salesforce_id)[PRIMARY_QUOTE_FIELD] == record:
            return
        time.sleep(0.1)
    raise AssertionError("waited 10 s in vain for the late write")


def test_a_push_that_was_taken_over_is_looked_at_again(linked: Pair) -> None:
    """What the lost worker sent may be on its way."""
    claims.claim(owner="anna/1-0")
    leases_run_out()

    push_outbound.run(claims.claim(owner="bert/1-0"))

    assert links() == [(State.SENT, "edit"), (State.QUEUED, "late_write")]
    again = OutboundPush.objects.get(trigger="late_write")
    assert again.not_before == again.unsure_until
    assert claims.claim() == []
    time_passes()
    jobs.drain_outbound()
    reasons = SyncLog.objects.filter(flow="push_outbound").order_by("pk")
    assert [entry.reason for entry in reasons][-1] == Reason.ALREADY_IN_STEP
    assert links() == [(State.SENT, "edit"), (State.SENT, "late_write")]


def test_an_edit_that_joins_the_second_look_does_not_replace_it(linked: Pair) -> None:
    claims.claim(owner="anna/1-0")
    leases_run_out()
    push_outbound.run(claims.claim())
    request(linked)

    push_outbound.run(claims.claim())

    assert links() == [(State.SENT, "edit"), (State.SENT, "edit"), (State.QUEUED, "late_write")]


def test_an_edit_that_waits_already_takes_the_second_look_along(linked: Pair) -> None:
    claims.claim(owner="anna/1-0")
    leases_run_out()
    (claim,) = claims.claim(owner="bert/1-0")
    request(linked)

    push_outbound.run([claim])

    assert links() == [(State.SENT, "edit"), (State.QUEUED, "edit")]
    waiting = OutboundPush.objects.get(state=State.QUEUED, lane="link")
    assert waiting.unsure_until is not None
    assert OutboundPush.objects.filter(pk=waiting.pk, not_before__lte=Now()).exists()


def test_a_write_that_was_answered_is_not_looked_at_again(linked: Pair, org: Org) -> None:
    org.break_with(action="status", status=503, path="composite$", nth=2)
    jobs.drain_outbound()
    time_passes()
    jobs.drain_outbound()

    assert links() == [(State.SENT, "edit")]


@pytest.mark.parametrize(
    "answer",
    [{"action": "status", "status": 504}, {"action": "html", "status": 502}, {"action": "html"}],
    ids=["a gateway's time-out", "a bad gateway", "a web page"],
)
def test_a_write_that_a_gateway_answered_is_looked_at_again(
    linked: Pair, org: Org, answer: dict[str, Any]
) -> None:
    org.break_with(**answer, path="composite$", nth=2)
    jobs.drain_outbound()
    OutboundPush.objects.update(not_before=Now())
    SalesforceConnection.objects.update(paused_until=Now())
    jobs.drain_outbound()

    assert links() == [(State.SENT, "edit"), (State.QUEUED, "late_write")]


def test_once_it_cannot_arrive_any_more_no_second_look_is_needed(linked: Pair) -> None:
    claims.claim(owner="anna/1-0")
    leases_run_out()
    (claim,) = claims.claim(owner="bert/1-0")
    OutboundPush.objects.update(unsure_until=F("unsure_until") - timedelta(hours=1))

    push_outbound.run([claim])

    assert links() == [(State.SENT, "edit")]
