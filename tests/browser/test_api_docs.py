"""The description of the API can be read where no foreign script may run."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from console import roles
from tests.browser.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_endpoints_are_listed_with_what_they_take(
    sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in(roles.VIEWER)

    page.goto(f"{live_server.url}/api/v1/docs")
    page.get_by_text("/api/v1/salesforce/opportunities").click()

    expect(page.get_by_text("The same webhook-id again is the same event")).to_be_visible()
    expect(page.get_by_role("button", name="Try it out")).to_have_count(0)
