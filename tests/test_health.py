"""The probes tell the truth in good and in bad times, and answer in both."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from pytest_django import Settings

from console.models import SalesforceConnection
from tests.builders import make_push, make_user
from tests.outage import no_database


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_ready_is_told_with_what_is_there(connected: SalesforceConnection) -> None:
    make_push()

    answer = Client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "database": "ok",
        "redis": "ok",
        "salesforce": "live",
        "pushes_due": 1,
    }


@pytest.mark.django_db
def test_without_redis_pages_work_and_it_is_told(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = Client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["redis"].startswith("down")


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
