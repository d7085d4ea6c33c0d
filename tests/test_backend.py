"""The ready-made sign-ins exist only while nothing real is configured."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from console.backend import LOCAL_DOMAIN
from tests.builders import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_a_ready_made_sign_in_works_locally_and_nowhere_else(settings: Settings) -> None:
    make_user("admin", email=f"admin@{LOCAL_DOMAIN}")
    client = Client()
    assert client.login(username="admin", password=PASSWORD)

    settings.LOCAL = False

    assert not Client().login(username="admin", password=PASSWORD)
    assert client.get("/admin/").status_code == 302


def test_other_people_are_not_concerned(settings: Settings) -> None:
    make_user("vera", email="vera@acme.example")
    settings.LOCAL = False

    assert Client().login(username="vera", password=PASSWORD)
