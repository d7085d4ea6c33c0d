"""Runs of reconcile: due or asked for, claimed slice by slice, and what they cost."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from console import connections, drift_claims, drift_runs, drift_slices, sweep
from console.flows import reconcile
from console.models import Drift, ReconcileRun, SalesforceConnection
from console.salesforce.gateway import Unavailable
from tests.builders import make_item, make_pairing, make_push
from tests.deal import make_deal
from tests.drift import SWEEP, compare, in_step, open_rows
from tests.facts import sf_id
from tests.org import Org
from tests.waiting_times import time_passes

pytestmark = pytest.mark.django_db
State = ReconcileRun.State


def latest() -> ReconcileRun:
    return ReconcileRun.objects.latest("pk")


def an_hour_later() -> None:
    hour = timedelta(hours=1)
    ReconcileRun.objects.update(
        requested_at=F("requested_at") - hour,
        not_before=F("not_before") - hour,
        lease_until=F("lease_until") - hour,
    )
    time_passes()


def cleared(org: Org, count: int) -> None:
    """Pairs whose records lack our id."""
    for _ in range(count):
        make_deal(org, monetize__Id__c=None)


# --- When ----------------------------------------------------------------------------------------


def test_where_nothing_was_compared_yet_a_run_is_due(
    org: Org, connected: SalesforceConnection
) -> None:
    in_step(org)

    sweep.turn()

    run = latest()
    assert (run.state, run.trigger, run.compared, run.equal) == ("done", "schedule", 1, 1)
    assert run.finished_at is not None


def test_the_next_is_due_after_the_hours_that_are_set(
    org: Org, connected: SalesforceConnection, settings: Settings
) -> None:
    settings.RECONCILE_EVERY = timedelta(hours=2)
    for expected in (1, 1, 2):
        reconcile.go_on()
        assert ReconcileRun.objects.count() == expected
        an_hour_later()


def test_it_begins_when_no_push_is_on_its_way_and_waits_no_longer_than_as_long_again(
    org: Org, connected: SalesforceConnection, settings: Settings
) -> None:
    settings.RECONCILE_EVERY = timedelta(hours=2)
    push = make_push()
    for expected in (0, 0):
        reconcile.go_on()
        assert ReconcileRun.objects.count() == expected
    push.delete()
    reconcile.go_on()
    make_push()

    for expected in (1, 1, 1, 1, 2):
        assert ReconcileRun.objects.count() == expected
        an_hour_later()
        reconcile.go_on()


def test_set_to_nothing_it_is_left_to_people(
    org: Org, connected: SalesforceConnection, settings: Settings
) -> None:
    settings.RECONCILE_EVERY = timedelta(0)

    reconcile.go_on()

    assert not ReconcileRun.objects.exists()


def test_without_a_live_connection_nothing_is_begun(connected: SalesforceConnection) -> None:
    SalesforceConnection.objects.update(state="broken")

    assert reconcile.go_on() == 0
    assert not ReconcileRun.objects.exists()


def test_whoever_asks_while_one_is_under_way_joins_it() -> None:
    first = drift_runs.request(trigger="schedule", actor=SWEEP)
    again = drift_runs.request(trigger="compare_button", actor=SWEEP)

    assert again == first
    assert ReconcileRun.objects.count() == 1


def test_some_deals_that_somebody_waits_for_come_before_all_of_them() -> None:
    drift_runs.request(trigger="schedule", actor=SWEEP)
    asked = drift_runs.request(trigger="command", actor=SWEEP, only=[1])

    held = drift_runs.claim()

    assert held is not None
    assert held.run_id == asked.pk


# --- Slice by slice ------------------------------------------------------------------------------


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few pairs take many."""
    monkeypatch.setattr(drift_slices, "PAIRS_A_SLICE", 2)
    monkeypatch.setattr(drift_slices, "PRODUCTS_A_SLICE", 2)
    monkeypatch.setattr(drift_claims, "CLAIMS_A_SLICE", 2)


@pytest.mark.usefixtures("small_slices")
def test_every_pair_and_every_claim_is_compared_once_however_small_the_slices(
    org: Org, connected: SalesforceConnection
) -> None:
    cleared(org, 5)
    for _ in range(3):
        org.add_opportunity(sf_id(), monetize__Id__c="opp_x")

    run = compare()

    assert (run.compared, run.missing, run.foreign, run.equal) == (5, 5, 3, 0)
    assert len(open_rows()) == run.opened == 8


@pytest.mark.usefixtures("small_slices")
def test_a_run_survives_its_sweeper_and_goes_on_where_it_was(
    org: Org, connected: SalesforceConnection
) -> None:
    cleared(org, 5)
    run = drift_runs.request(trigger="schedule", actor=SWEEP)
    held = drift_runs.claim()
    assert held is not None
    assert reconcile._step(held)
    killed = drift_runs.claim()  # and never heard of again
    assert killed is not None

    assert reconcile.run(run.pk).state == State.RUNNING  # nobody takes it from a living one
    an_hour_later()
    ended = reconcile.run(run.pk)

    assert (ended.state, ended.compared, ended.opened) == ("done", 5, 5)
    assert killed.behind != ""


def test_who_has_lost_the_claim_records_nothing(org: Org, connected: SalesforceConnection) -> None:
    cleared(org, 1)
    run = drift_runs.request(trigger="schedule", actor=SWEEP)
    slow = drift_runs.claim()
    assert slow is not None
    an_hour_later()
    reconcile.run(run.pk)
    Drift.objects.all().delete()

    assert not reconcile._step(slow)

    assert not Drift.objects.exists()
    assert latest().compared == 1


def test_of_two_claims_one_wins() -> None:
    drift_runs.request(trigger="schedule", actor=SWEEP)

    assert drift_runs.claim() is not None
    assert drift_runs.claim() is None


# --- What keeps it waiting -----------------------------------------------------------------------


def test_an_org_that_is_down_makes_it_wait_and_loses_nothing(
    org: Org, connected: SalesforceConnection
) -> None:
    cleared(org, 1)
    org.break_with(action="status", status=503, times=None)
    run = compare()
    assert (run.state, run.failures) == ("running", 0)
    assert "unavailable" in run.detail
    org.mend()
    an_hour_later()

    assert reconcile.run(run.pk).missing == 1


def test_a_paused_connection_is_left_alone(org: Org, connected: SalesforceConnection) -> None:
    cleared(org, 1)
    connections.note_trouble(connected, Unavailable("HTTP_503", "later"))
    before = len(org.requests())

    run = compare()

    assert (run.state, run.detail) == ("running", "the connection is paused after trouble")
    assert len(org.requests()) == before


def test_a_spent_budget_makes_the_scheduled_run_wait(
    org: Org, connected: SalesforceConnection
) -> None:
    cleared(org, 1)
    SalesforceConnection.objects.update(calls_used=99, calls_allowed=100)

    run = compare()

    assert (run.state, run.calls) == ("running", 0)
    assert "budget" in run.detail


def test_what_fails_each_time_is_given_up_and_stops_no_push(
    org: Org, connected: SalesforceConnection
) -> None:
    cleared(org, 1)
    hidden = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Amount' on entity"}]
    org.break_with(action="status", status=400, body=hidden, path="query", times=None)
    run = compare()
    for _ in range(drift_runs.MOST_FAILURES):
        an_hour_later()
        run = reconcile.run(run.pk)

    assert (run.state, run.failures) == ("failed", drift_runs.MOST_FAILURES)
    assert "Amount" in run.detail
    connected.refresh_from_db()
    assert connected.state == SalesforceConnection.State.LIVE


def test_a_fault_of_ours_is_tried_a_few_times_and_told(
    org: Org, connected: SalesforceConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_pairing(salesforce_id="006no valid id")

    run = compare()

    assert (run.state, run.failures) == ("running", 1)
    assert "InvalidSalesforceId" in run.detail


# --- The command ---------------------------------------------------------------------------------


def command(*arguments: str) -> str:
    said = StringIO()
    call_command("reconcile", *arguments, stdout=said)
    return said.getvalue()


def test_the_command_asks_for_a_run_that_the_sweeper_does(
    org: Org, connected: SalesforceConnection
) -> None:
    assert "The sweeper" in command()
    assert (latest().state, latest().trigger) == ("running", "command")


def test_the_command_can_do_it_now_and_says_what_it_found(
    org: Org, connected: SalesforceConnection
) -> None:
    cleared(org, 2)

    said = command("--now")

    assert "2 pairs compared, 0 equal" in said
    assert "2 missing" in said


def test_the_command_takes_opportunities_by_their_mn_id(
    org: Org, connected: SalesforceConnection
) -> None:
    one, other = make_deal(org, monetize__Id__c=None), make_deal(org, monetize__Id__c=None)

    command("--now", "--opportunity", one.opportunity.mn_id)

    assert [row.opportunity for row in open_rows()] == [one.opportunity]
    with pytest.raises(CommandError, match="opp_unknown"):
        command("--opportunity", other.opportunity.mn_id, "opp_unknown")


def test_the_command_says_why_it_could_not_go_on(connected: SalesforceConnection) -> None:
    make_pairing()
    SalesforceConnection.objects.update(state="broken")

    with pytest.raises(CommandError, match="no live Salesforce connection"):
        command("--now")


# --- How many calls and queries ------------------------------------------------------------------


def many(org: Org, count: int) -> None:
    for _ in range(count):
        deal = make_deal(org)
        make_item(deal.quote, pricebook_entry=None)


def test_the_calls_and_queries_of_a_slice_do_not_grow_with_its_pairs(
    org: Org, connected: SalesforceConnection
) -> None:
    counts = []
    for more in (2, 10):
        many(org, more)
        before = len(org.requests())
        with CaptureQueriesContext(connection) as queries:
            run = compare()
        counts.append((len(queries), len(org.requests()) - before, run.calls))

    assert counts[0] == counts[1]
    assert counts[0][2] == 3  # pairs, products, claims


def test_drift_takes_the_same_few_queries_for_one_pair_or_for_many(
    org: Org, connected: SalesforceConnection
) -> None:
    counts = []
    for more in (1, 10):
        for _ in range(more):
            make_deal(org, monetize__Id__c=None).line()
        with CaptureQueriesContext(connection) as queries:
            compare()
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert ReconcileRun.objects.latest("pk").missing == 11 * 3
