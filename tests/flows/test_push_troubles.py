"""Flow D when a call fails with all that it carries: nobody is set aside for another's fault."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from console import claims, outbox
from console.actor import Actor
from console.flows import push_outbound as flow
from console.models import OutboundPush, SalesforceConnection, SyncLog
from syncrules import retry
from syncrules.facts import MN_ID_FIELD
from syncrules.reasons import Reason
from tests.builders import make_opportunity, make_pairing, make_push
from tests.facts import sf_id
from tests.org import Org
from tests.waiting_times import time_passes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
State = OutboundPush.State


@pytest.fixture
def records(org: Org) -> list[str]:
    """Three records of Salesforce to which due pushes go."""
    found = [sf_id() for _ in range(3)]
    for record in found:
        org.add_opportunity(record)
        make_push(opportunity=make_pairing(salesforce_id=record).opportunity)
    return found


def pushes() -> set[tuple[str, int, int]]:
    return set(OutboundPush.objects.values_list("state", "attempts", "strikes"))


@pytest.mark.parametrize(
    ("status", "code"), [(400, "MALFORMED_QUERY"), (400, "A_CODE_OF_TOMORROW"), (414, "")]
)
def test_what_cannot_be_read_together_is_read_in_smaller_company(
    records: list[str], org: Org, status: int, code: str
) -> None:
    body = [{"errorCode": code, "message": "no"}] if code else "too long"
    org.break_with(action="status", status=status, path="query", body=body, times=1)

    flow.run(claims.claim())
    assert pushes() == {(State.QUEUED, 0, 1)}

    time_passes()
    flow.run(claims.claim())
    assert pushes() == {(State.SENT, 0, 1)}
    assert all(org.opportunity(record)[MN_ID_FIELD] for record in records)


@pytest.mark.usefixtures("records")
def test_a_call_that_runs_for_too_long_counts_against_nobody(org: Org) -> None:
    slow = [{"errorCode": "REQUEST_RUNNING_TOO_LONG", "message": "too long"}]
    org.break_with(action="status", status=500, path="composite", body=slow, times=1)

    flow.run(claims.claim())

    assert pushes() == {(State.QUEUED, 0, 1)}


def test_a_record_that_says_by_itself_that_it_cannot_be_had_backs_off(
    records: list[str], org: Org
) -> None:
    halted = {"code": "PROCESSING_HALTED", "message": "a trigger of its own"}
    org.break_with(action="record_error", record_id=records[0], times=None, **halted)

    flow.run(claims.claim())

    assert pushes() == {(State.SENT, 0, 0), (State.QUEUED, 0, 1)}
    assert SalesforceConnection.objects.get().paused_until is None


def test_an_org_that_is_read_only_for_all_is_left_alone(records: list[str], org: Org) -> None:
    for record in records:
        org.break_with(
            action="record_error",
            record_id=record,
            code="INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
            times=None,
        )

    flow.run(claims.claim())

    assert SalesforceConnection.objects.filter(paused_until__gt=Now()).exists()


def test_of_two_that_name_one_record_the_second_waits_and_nothing_counts_against_it(
    org: Org,
) -> None:
    record = sf_id()
    org.add_opportunity(record)
    for _ in range(2):
        make_push(opportunity=make_opportunity(creation_reference=record))

    flow.run(claims.claim())

    first, second = OutboundPush.objects.order_by("pk")
    assert {first.state, second.state} == {State.SENT, State.QUEUED}
    assert {first.attempts, second.attempts} == {0}
    assert SyncLog.objects.filter(reason=Reason.WILL_BE_RETRIED).count() == 1


def test_who_is_set_aside_has_failed_while_salesforce_took_what_others_sent(org: Org) -> None:
    """That others had nothing to send says nothing of Salesforce."""
    record = sf_id()
    org.add_opportunity(record)
    in_step = make_pairing(salesforce_id=record).opportunity
    make_push(opportunity=in_step)
    flow.run(claims.claim())
    before = SalesforceConnection.objects.get().succeeded_at
    assert before is not None

    make_push(opportunity=in_step)
    flow.run(claims.claim())

    assert SyncLog.objects.latest("pk").reason == Reason.ALREADY_IN_STEP
    assert SalesforceConnection.objects.get().succeeded_at == before


@pytest.mark.parametrize("path", ["composite|query", "composite$"])
def test_answers_without_sense_pause_the_connection_and_set_nobody_aside(
    records: list[str], org: Org, path: str
) -> None:
    org.break_with(action="status", status=200, path=path, body={"answer": "later"}, times=None)
    for _ in range(retry.MAX_STRIKES + 2):
        time_passes()
        flow.run(claims.claim())

    assert {state for state, _, _ in pushes()} == {State.QUEUED}
    assert SalesforceConnection.objects.filter(paused_until__gt=Now()).exists()

    org.mend()
    while OutboundPush.objects.filter(state=State.QUEUED).exists():
        time_passes()
        flow.run(claims.claim())
    assert {state for state, _, _ in pushes()} == {State.SENT}


# --- Who is set aside, and who is not ------------------------------------------------------------


@pytest.fixture
def struck(org: Org) -> OutboundPush:
    """A push whose batches have failed until it went alone."""
    record = sf_id()
    org.add_opportunity(record)
    opportunity = make_pairing(salesforce_id=record).opportunity
    return make_push(
        opportunity=opportunity, strikes=retry.LAST_STRIKE, struck_at=Now() - timedelta(hours=1)
    )


def salesforce_took_anothers_push(*, ago: timedelta) -> None:
    SalesforceConnection.objects.update(succeeded_at=Now() - ago)


def attempt(push: OutboundPush) -> OutboundPush:
    time_passes()
    flow.run(claims.claim())
    push.refresh_from_db()
    return push


def test_who_was_struck_in_an_outage_only_goes_when_it_is_over(
    struck: OutboundPush, org: Org
) -> None:
    salesforce_took_anothers_push(ago=timedelta(hours=2))
    org.break_with(action="status", status=503, path="composite", times=3)
    for _ in range(3):
        assert attempt(struck).strikes == retry.LAST_STRIKE
    salesforce_took_anothers_push(ago=timedelta(0))

    assert attempt(struck).state == State.SENT


def test_who_fails_once_more_after_others_went_through_is_set_aside(
    struck: OutboundPush, org: Org
) -> None:
    salesforce_took_anothers_push(ago=timedelta(minutes=5))
    org.break_with(action="status", status=503, path="composite", times=None)

    assert attempt(struck).strikes == retry.MAX_STRIKES

    assert (attempt(struck).state, struck.reason) == (State.PARKED, Reason.QUARANTINED)


def test_an_edit_of_what_takes_its_neighbours_along_inherits_that(
    struck: OutboundPush, org: Org
) -> None:
    (claim,) = claims.claim()
    outbox.request_push(opportunity_id=struck.opportunity_id, trigger="edit", actor=Actor(name="x"))
    org.break_with(action="status", status=503, path="composite", times=1)

    flow.run([claim])

    before, newer = OutboundPush.objects.order_by("pk")
    assert (before.state, newer.state) == (State.SUPERSEDED, State.QUEUED)
    assert newer.strikes == retry.LAST_STRIKE
    assert newer.struck_at == before.struck_at
