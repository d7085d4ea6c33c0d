"""The probes tell the truth in good and in bad times, and answer in both."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from console import drain, heartbeats, sweep
from console.models import Heartbeat, SalesforceConnection
from tests.builders import make_connection, make_push, make_user
from tests.outage import no_database

State = SalesforceConnection.State


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_ready_is_told_with_what_is_there(connected: SalesforceConnection) -> None:
    answer = Client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "database": "ok",
        "redis": "ok",
        "salesforce": "live",
        "pushes_due": 0,
        "oldest_due_seconds": None,
        "workers": 0,
        "worker_hosts_at_work": 0,
        "sweeper_seen_seconds": None,
        "poll_seconds": None,
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("redis", "connected")
def test_what_waits_and_who_is_at_work_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    make_push(not_before=timezone.now() - timedelta(minutes=10))
    make_push(not_before=timezone.now() - timedelta(minutes=2))
    make_push(not_before=timezone.now() + timedelta(minutes=2))
    heartbeats.beat()
    monkeypatch.setenv("RQ_WORKER_ID", "w1")
    heartbeats.beat()
    SalesforceConnection.objects.update(polled_until=timezone.now() - timedelta(minutes=9))

    report = Client().get("/readyz").json()

    assert report["pushes_due"] == 2
    assert 600 <= report["oldest_due_seconds"] < 660
    assert report["worker_hosts_at_work"] == 1
    assert report["sweeper_seen_seconds"] < 60
    assert 540 <= report["poll_seconds"] < 600


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_a_sweeper_that_is_gone_is_missed() -> None:
    heartbeats.beat()
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(hours=2))

    assert Client().get("/readyz").json()["sweeper_seen_seconds"] >= 7200


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"state": State.BROKEN}, "broken"),
        ({"paused_until": timezone.now() + timedelta(hours=1)}, "paused for another 3"),
        ({"paused_until": timezone.now() - timedelta(seconds=1)}, "trying"),
        ({"is_active": False}, "none"),
    ],
)
def test_trouble_with_salesforce_is_told(columns: dict[str, Any], words: str) -> None:
    make_connection(**columns)

    answer = Client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["salesforce"].startswith(words)


@pytest.mark.django_db
def test_a_schema_that_is_behind_is_not_ready() -> None:
    MigrationRecorder.Migration.objects.filter(app="console").order_by("-id")[0].delete()

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"database": "migrations are missing"})


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_a_schema_that_is_ahead_is_ready() -> None:
    """In a rolling deployment the database is migrated before the last web process is replaced."""
    MigrationRecorder(connection).record_applied("console", "9999_of_the_version_after_this_one")

    assert Client().get("/readyz").status_code == 200


@pytest.mark.django_db
def test_without_redis_pages_work_and_it_is_told(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = Client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["redis"].startswith("down")
    assert answer.json()["workers"] is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_signed_in", [False, True])
def test_without_the_database_it_is_alive_and_not_ready(*, is_signed_in: bool) -> None:
    browser = Client()
    if is_signed_in:
        browser.force_login(make_user())

    with no_database():
        alive, ready = browser.get("/healthz"), browser.get("/readyz")

    assert alive.status_code == 200
    assert (ready.status_code, ready.json()) == (503, {"database": "down"})


@pytest.mark.django_db(transaction=True)
def test_without_the_database_a_call_is_to_be_repeated(caplog: pytest.LogCaptureFixture) -> None:
    headers = {
        "client-id": "crm",
        "webhook-id": "msg-1",
        "webhook-timestamp": str(int(time.time())),
        "webhook-signature": "v1,xyz",
    }

    with no_database():
        answer = Client().post(
            "/api/v1/salesforce/opportunities", {}, "application/json", headers=headers
        )

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "database_unavailable"
    assert "could not be kept" in caplog.text


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_a_turn_of_the_sweeper_is_a_sign_of_life() -> None:
    sweep.turn()

    assert Client().get("/readyz").json()["sweeper_seen_seconds"] == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_a_drain_is_a_sign_of_life_of_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RQ_WORKER_ID", "w1")

    drain.drain()

    assert Client().get("/readyz").json()["worker_hosts_at_work"] == 1
