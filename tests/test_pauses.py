"""A connection in trouble is left alone for a while, and then one process tries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from console import connections, gateways
from console.models import SalesforceConnection
from console.salesforce.gateway import (
    Crowded,
    LimitReached,
    Misconfigured,
    RecordBusy,
    Rejected,
    SalesforceError,
    Unavailable,
    WriteResult,
)
from tests.facts import sf_id
from tests.org import Org
from tests.waiting_times import time_passes

pytestmark = pytest.mark.django_db
DOWN = Unavailable("HTTP_503", "later")


def written(error: SalesforceError | None, *, is_whole: bool = False) -> WriteResult:
    return WriteResult(sf_id(), error, {"monetize__Id__c": "opp_1"}, {}, is_whole=is_whole)


def reread(row: SalesforceConnection) -> SalesforceConnection:
    return SalesforceConnection.objects.get(pk=row.pk)


@pytest.mark.parametrize("error", [DOWN, Crowded("X", "busy"), LimitReached("X", "used up")])
def test_trouble_of_the_connection_pauses_it(
    connected: SalesforceConnection, error: SalesforceError
) -> None:
    assert connections.may_send(connected)

    connections.note_trouble(connected, error)

    assert not connections.may_send(reread(connected))
    assert connections.is_paused(connected)
    assert reread(connected).detail == str(error)


@pytest.mark.parametrize("error", [RecordBusy("X", "locked"), Rejected("X", "no")])
def test_trouble_of_a_record_pauses_nothing(
    connected: SalesforceConnection, error: SalesforceError
) -> None:
    connections.note_trouble(connected, error)

    assert connections.may_send(reread(connected))


def test_after_the_pause_one_tries_and_the_others_wait(connected: SalesforceConnection) -> None:
    connections.note_trouble(connected, DOWN)
    time_passes()

    assert [connections.may_send(reread(connected)) for _ in range(3)] == [True, False, False]


def test_a_try_that_fails_makes_the_pause_longer(connected: SalesforceConnection) -> None:
    for _ in range(8):
        connections.note_trouble(reread(connected), DOWN)
        time_passes()

    connections.note_trouble(reread(connected), DOWN)

    row = reread(connected)
    assert row.failures == 9
    assert row.paused_until is not None
    in_a_minute = SalesforceConnection.objects.filter(
        paused_until__gt=Now() + timedelta(seconds=50)
    )
    assert in_a_minute.exists()


def test_several_processes_that_meet_the_same_trouble_count_it_once(
    connected: SalesforceConnection,
) -> None:
    both = [reread(connected), reread(connected)]

    for row in both:
        connections.note_trouble(row, DOWN)

    assert reread(connected).failures == 1


def test_who_had_nothing_to_try_cuts_no_pause_short_that_another_met(
    connected: SalesforceConnection,
) -> None:
    connections.note_trouble(connected, LimitReached("X", "used up"))

    connections.nothing_to_try(reread(connected))

    assert connections.is_paused(connected)


def test_a_few_records_show_that_salesforce_is_no_longer_slow(
    connected: SalesforceConnection,
) -> None:
    connections.note_pace(connected, records=100, seconds=20)
    connections.note_pace(reread(connected), records=3, seconds=3)  # the way there and back
    assert reread(connected).write_ms == 200

    for _ in range(10):
        connections.note_pace(reread(connected), records=40, seconds=0.4)

    pace = reread(connected).write_ms
    assert pace is not None
    assert pace < 25


def test_a_write_that_is_answered_ends_the_pause(connected: SalesforceConnection) -> None:
    connections.note_trouble(connected, DOWN)
    time_passes()
    row = reread(connected)
    assert connections.may_send(row)

    connections.note_writes(reread(connected), [written(None), written(Rejected("X", "no"))])

    row = reread(connected)
    assert (row.failures, row.paused_until) == (0, None)


def test_an_innocent_record_that_was_rolled_back_pauses_nothing(
    connected: SalesforceConnection,
) -> None:
    rolled_back = Unavailable("ALL_OR_NONE_OPERATION_ROLLED_BACK", "a neighbour's fault")

    connections.note_writes(connected, [written(rolled_back), written(Rejected("X", "no"))])

    assert connections.may_send(reread(connected))


def test_an_org_that_is_not_to_be_had_for_any_record_pauses(
    connected: SalesforceConnection,
) -> None:
    read_only = Unavailable("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "tonight")

    connections.note_writes(connected, [written(read_only)] * 3)

    assert not connections.may_send(reread(connected))


def test_a_write_call_that_fails_as_a_whole_pauses(connected: SalesforceConnection) -> None:
    connections.note_writes(connected, [written(DOWN, is_whole=True)] * 3)

    row = reread(connected)
    assert row.failures == 1
    assert not connections.may_send(row)


def test_a_connection_that_breaks_is_told_once(
    connected: SalesforceConnection, caplog: pytest.LogCaptureFixture
) -> None:
    revoked = Misconfigured("invalid_grant", "user is inactive")

    for _ in range(3):
        connections.note_trouble(reread(connected), revoked)

    alerts = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert alerts == [f"alert: the connection {connected} is broken, pushes are held: {revoked}"]


def test_processes_share_a_token(connected: SalesforceConnection, org: Org) -> None:
    from console.salesforce import tokens

    gateways.to(connected).describe_org()
    tokens._logins.forget()  # as in a process that was forked

    gateways.to(reread(connected)).describe_org()

    logins = [each for each in org.requests() if each["path"].endswith("/token")]
    assert len(logins) == 1


def test_a_token_of_other_credentials_is_of_no_use(
    connected: SalesforceConnection, org: Org
) -> None:
    from console.salesforce import tokens

    gateways.to(connected).describe_org()
    tokens._logins.forget()
    SalesforceConnection.objects.update(client_secret="wrong")

    with pytest.raises(Misconfigured):
        gateways.to(reread(connected)).describe_org()


def test_the_kept_token_is_encrypted(connected: SalesforceConnection, org: Org) -> None:
    from django.db import connection

    gateways.to(connected).describe_org()

    with connection.cursor() as cursor:
        cursor.execute("SELECT session FROM console_salesforceconnection")
        (stored,) = cursor.fetchone()
    assert "access_token" in reread(connected).session
    assert "access_token" not in stored
