"""What people are told of calls, pauses and waiting pushes."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console import outbox
from console.actor import Actor
from console.admin.base import list_of, page_of
from console.models import ApiCalls, OutboundPush, SalesforceConnection
from tests import builders
from tests.admin import reading

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")
State = OutboundPush.State


def text(answer: Any) -> str:
    return html.unescape(reading.text(answer))


def spend(row: SalesforceConnection, calls: int) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    ApiCalls.objects.create(connection=row, hour=hour, calls=calls)


def test_the_connection_says_what_was_spent_and_who_waits(administrator: Client) -> None:
    row = builders.make_connection(calls_used=1_200, calls_allowed=10_000)
    spend(row, 4_100)

    page = text(administrator.get(page_of(row)))

    assert "The console's calls of its budget: 4,100 of 5,000" in page
    assert "All clients' calls of the org's allocation: 1,200 of 10,000" in page
    assert "Out of calls until those of yesterday leave the window: work in bulk." in page
    assert "Calls left: clicks 900" in page
    assert "Calls left: what happens in either system 400" in page
    assert "Calls left: work in bulk 0" in page


def test_a_paused_connection_says_until_when_on_its_page_and_the_overview(
    administrator: Client,
) -> None:
    row = builders.make_connection(failures=3, paused_until=Now() + timedelta(minutes=5))

    for address in (page_of(row), INDEX):
        page = text(administrator.get(address))
        assert "Paused" in page
        assert "After 3 failed calls in a row nothing is sent until in 4 minutes" in page


def test_the_overview_says_when_what_waits_will_have_gone_out(viewer: Client) -> None:
    builders.make_connection()
    builders.make_push(state=State.SENT, finished_at=Now())
    for _ in range(2):
        builders.make_push()

    page = text(viewer.get(INDEX))

    assert "2 pushes go out in about 3 API calls, at the present pace in a moment" in page


def test_a_share_beyond_what_is_possible_is_refused(administrator: Client) -> None:
    row = builders.make_connection()
    form = {"name": row.name, "base_url": row.base_url, "client_id": row.client_id}

    page = text(
        administrator.post(page_of(row), {**form, "share_percent": "101", "reserve_percent": "46"})
    )

    assert "less than or equal to 100" in page
    assert "less than or equal to 45" in page
    row.refresh_from_db()
    assert (row.share_percent, row.reserve_percent) == (50, 10)


def test_a_push_shows_the_edits_it_covers_and_which_were_superseded(viewer: Client) -> None:
    opportunity = builders.make_opportunity()
    for name in ("vera", "wim", "olga"):
        push = outbox.request_push(
            opportunity_id=opportunity.pk, trigger="push_button", actor=Actor(name=name, user_id=1)
        )

    page = text(viewer.get(page_of(push)))

    assert "One push for 3 edits" in page
    assert "The push button olga latest" in page
    assert "The push button wim superseded" in page
    assert "Goes out Somebody waits for it" in page


def test_a_log_entry_shows_the_edits_that_its_push_covered(viewer: Client) -> None:
    edit = {"at": "2026-03-01T10:00:00+00:00", "trigger": "push_button", "by": "vera"}
    entry = builders.make_log_entry(covers={"count": 60, "edits": [edit, {**edit, "by": "wim"}]})

    page = text(viewer.get(page_of(entry)))

    assert "One push for 60 edits" in page
    assert "wim latest" in page
    assert "vera superseded" in page
    assert "and 58 before these, superseded" in page


def test_the_queue_is_narrowed_by_lane_and_urgency(viewer: Client) -> None:
    link = builders.make_push()
    products = builders.make_push(lane="products", urgency=2)

    def shown(query: str) -> set[str]:
        page = viewer.get(list_of(OutboundPush, query)).content.decode()
        return {str(p.opportunity.mn_id) for p in (link, products) if page_of(p) in page}

    assert shown("lane=products") == {products.opportunity.mn_id}
    assert shown("urgency=1") == {link.opportunity.mn_id}
    assert shown("urgency=0") == set()
