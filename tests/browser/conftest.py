"""A real Chromium, and a page that fails its test for anything the browser complains about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from django.db import connections
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from console import roles
from tests import builders
from tests.browser.finding import chromium

SignIn = Callable[[str], Page]
"""Signs a person of the role in."""

_HERE: Final = Path(__file__).parent
_FLAGS: Final = [
    "--no-sandbox",  # root has none, and the only pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
_REPORT_VIOLATIONS: Final = """
document.addEventListener("securitypolicyviolation", (event) =>
  window.reportTrouble(
    `content security policy: ${event.violatedDirective} refused ${event.blockedURI}`));
"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser for all: with pytest-xdist they run in one process."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread while it is open, which Django takes
        # for asynchronous code. None of ours runs in that loop.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        path = chromium(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()
        # Django keeps one connection for the thread with the loop, another for it without.
        connections.close_all()


@pytest.fixture
def troubles() -> list[str]:
    """What the browser complained about so far; a test that expects something empties it."""
    return []


@pytest.fixture
def page(browser: Browser, troubles: list[str]) -> Iterator[Page]:
    """A page without cookies or cache. Whatever ends up in `troubles` fails the test."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(15_000)
        context.expose_function("reportTrouble", lambda text: troubles.append(str(text)))
        context.add_init_script(_REPORT_VIOLATIONS)
        page = context.new_page()
        _listen(page, troubles)
        yield page
    assert not troubles, "the browser complained:\n" + "\n".join(troubles)


def _listen(page: Page, troubles: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            troubles.append(f"console {message.type}: {message.text}")

    def on_failed(request: Request) -> None:
        # Leaving a page aborts what it was still loading.
        if request.failure != "net::ERR_ABORTED":
            troubles.append(f"request failed: {request.url}: {request.failure}")

    def on_response(response: Response) -> None:
        if response.status >= 400:
            troubles.append(f"status {response.status}: {response.url}")

    page.on("console", on_console)
    page.on("requestfailed", on_failed)
    page.on("response", on_response)
    page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))


@pytest.fixture
def sign_in(page: Page, live_server: LiveServer) -> SignIn:
    """Signs a person of the role in through the form, and stands on the overview."""
    roles.ensure()  # a test with transactions leaves the tables empty

    def through_the_form(role: str) -> Page:
        builders.make_user("vera", role=role)
        page.goto(f"{live_server.url}/")
        page.get_by_label("Username").fill("vera")
        page.get_by_label("Password").fill(builders.PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        return page

    return through_the_form
