"""Wherever one may click on a console that has been at work, a page opens."""

from __future__ import annotations

import re
from collections import Counter, deque
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from redis import Redis

from console import intake, jobs
from console.actor import Actor
from console.drift_runs import request
from console.flows import reconcile
from console.models import Drift, OutboundPush, SyncLog

LIST_OF = "/admin/console/"
_ALIKE = 2
"""Pages that differ in the number of a row or the value of a filter."""
_ELSEWHERE = ("/static/", "/admin/logout", "/admin/jsi18n", "/localorg")


@pytest.fixture
def browser(seeded: str, redis: Redis) -> Client:
    """An administrator's, after the first poll, the pushes it led to and a comparison."""
    intake.poll()
    intake.act_on_waiting()
    jobs.drain_outbound()
    reconcile.run(request(trigger="schedule", actor=Actor.console("reconcile")).pk)
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="admin"))
    return client


def one_of_each_kind() -> list[str]:
    """Pages of rows that tell different stories, which no list need show first."""
    entries = SyncLog.objects.order_by("flow", "reason").distinct("flow", "reason")
    pushes = OutboundPush.objects.order_by("lane", "reason").distinct("lane", "reason")
    drifts = Drift.objects.order_by("field", "verdict").distinct("field", "verdict")
    return [
        f"{LIST_OF}{model}/{pk}/change/"
        for model, rows in (("synclog", entries), ("outboundpush", pushes), ("drift", drifts))
        for pk in rows.values_list("pk", flat=True)
    ]


def kind(address: str) -> tuple[str, tuple[str, ...]]:
    path, _, query = address.partition("?")
    return re.sub(r"\d+", "N", path), tuple(sorted(re.findall(r"(?:^|&)(\w+)=", query)))


def links(page: str, *, of: str) -> list[str]:
    found = [unescape(each) for each in re.findall(r'href="([^"#]+)', page)]
    here = of.partition("?")[0]
    found = [f"{here}{each}" if each.startswith("?") else each for each in found]
    ours = [each for each in found if each.startswith("/") and not each.startswith(_ELSEWHERE)]
    return [each for each in ours if len(kind(each)[1]) <= 1]  # filters by one thing at a time


def test_every_page_that_can_be_reached_opens(browser: Client) -> None:
    waiting, seen, alike = deque(["/", *one_of_each_kind()]), set(), Counter[object]()
    broken = []
    always = set(waiting)
    while waiting:
        address = waiting.popleft()
        if address in seen or (alike[kind(address)] >= _ALIKE and address not in always):
            continue
        seen.add(address)
        alike[kind(address)] += 1
        answer = browser.get(address, follow=True)
        if answer.status_code != 200:
            broken.append((address, answer.status_code))
        elif "html" in answer["Content-Type"]:
            waiting.extend(links(answer.content.decode(), of=address))

    assert broken == []
    assert len(seen) > 150
