"""The browser of the tests: it complains where it should, and tolerates Django beside it."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page

_GOOD_PAGE = b"""<!doctype html><title>good</title><link rel="icon" href="/good">"""
_BAD_PAGE = b"""<!doctype html><title>bad</title><link rel="icon" href="/good">
<script src="/missing.js"></script><script>document.title = "never"</script>
<img src="http://elsewhere.example/x.png">"""


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        is_page = self.path in ("/good", "/bad")
        self.send_response(200 if is_page else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src *")
        self.end_headers()
        self.wfile.write(_GOOD_PAGE if self.path == "/good" else _BAD_PAGE)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_good_page_is_no_trouble(page: Page, site: str, troubles: list[str]) -> None:
    page.goto(f"{site}/good")
    assert page.title() == "good"
    assert troubles == []


def test_each_kind_of_trouble_is_noticed(page: Page, site: str, troubles: list[str]) -> None:
    page.goto(f"{site}/bad")
    page.wait_for_load_state("networkidle")

    assert page.title() == "bad"
    noticed = "\n".join(troubles)
    assert "content security policy: script-src-elem refused inline" in noticed
    assert f"status 404: {site}/missing.js" in noticed
    assert "request failed: http://elsewhere.example/x.png: net::ERR_NAME_NOT_RESOLVED" in noticed
    assert "console error" in noticed
    troubles.clear()


def test_django_can_be_used_beside_the_browser(page: Page, db: None) -> None:
    assert not get_user_model().objects.filter(username="nobody").exists()
