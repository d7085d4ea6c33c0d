"""What Prometheus is told, and who may ask."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from console import heartbeats, jobs, outbox, tallies
from console.actor import Actor
from console.flows import link_via_primary_quote
from console.models import ApiCalls, OutboundPush, Tally
from syncrules.drift import Verdict
from tests import builders
from tests.org import Org
from tests.outage import no_database
from tests.pair import Pair

State = OutboundPush.State
Lane = OutboundPush.Lane
Urgency = OutboundPush.Urgency
SCRAPE = 18
"""Queries, the beginning and the end of the transaction among them."""
ANN = Actor(name="ann", user_id=7)


def _page(**extra: Any) -> str:
    answer = Client().get("/metrics", **extra)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def _samples() -> dict[tuple[str, frozenset[str]], float]:
    """Name and label values -> value, as Prometheus itself reads the page."""
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(_page())
        for sample in family.samples
    }


def _value(name: str, *labels: str) -> float | None:
    return _samples().get((f"console_{name}", frozenset(labels)))


# --- Who may ask ---------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_without_a_token_only_this_machine_is_told() -> None:
    assert "console_push_queue" in _page()
    assert Client().get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403
    assert Client().get("/metrics", REMOTE_ADDR="").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded"])
def test_a_proxy_on_this_machine_does_not_make_a_stranger_one_of_us(header: str) -> None:
    assert Client().get("/metrics", headers={header: "192.0.2.7"}).status_code == 403


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_with_a_token_whoever_presents_it_is_told(settings: Settings) -> None:
    settings.METRICS_TOKEN = "a-token-of-the-scraper"
    far: dict[str, Any] = {"REMOTE_ADDR": "192.0.2.7"}

    assert _page(headers={"Authorization": "Bearer a-token-of-the-scraper"}, **far)
    for wrong in ("", "Bearer", "Bearer x", "Basic a-token-of-the-scraper", "Bearer é"):
        answer = Client().get("/metrics", headers={"Authorization": wrong})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer"), wrong


@pytest.mark.django_db(transaction=True)
def test_without_the_database_there_are_no_numbers() -> None:
    with no_database():
        assert Client().get("/metrics").status_code == 503


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_the_newer_format_is_spoken_to_who_asks_for_it() -> None:
    answer = Client().get("/metrics", headers={"Accept": "application/openmetrics-text"})

    assert answer["Content-Type"].startswith("application/openmetrics-text")
    assert answer.content.endswith(b"# EOF\n")


# --- The queue -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_the_queue_is_told_by_state_lane_and_urgency() -> None:
    now = timezone.now()
    for minutes in (5, 50):
        builders.make_push(urgency=Urgency.BULK, requested_at=now - timedelta(minutes=minutes))
    builders.make_push(
        state=State.SENDING, lane=Lane.PRODUCTS, urgency=Urgency.CLICK, lease_until=now
    )
    builders.make_push(state=State.SENT, finished_at=now)

    samples = _samples()

    depth = {labels: n for (name, labels), n in samples.items() if name == "console_push_queue"}
    assert depth[frozenset(("queued", "link", "bulk"))] == 2
    assert depth[frozenset(("sending", "products", "click"))] == 1
    assert len(depth) == 4 * 2 * 3
    assert sum(depth.values()) == 3
    oldest = _value("push_queue_oldest_seconds", "queued", "link", "bulk")
    assert oldest is not None
    assert 3000 <= oldest < 3060


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_a_lease_that_nobody_prolongs_grows_old(settings: Settings) -> None:
    assert _value("push_oldest_lease_seconds") == 0
    lease_until = timezone.now() - timedelta(minutes=1) + settings.PUSH_LEASE
    builders.make_push(state=State.SENDING, lease_until=lease_until)

    age = _value("push_oldest_lease_seconds")

    assert age is not None
    assert 59 < age < 90  # the test's transaction began a moment ago


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_events_that_wait_are_told() -> None:
    builders.make_event()
    builders.make_event(state="processed")

    assert _value("inbound_waiting") == 1


# --- Salesforce ----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_of_the_states_of_the_connection_one_holds() -> None:
    builders.make_connection(
        paused_until=timezone.now() + timedelta(minutes=5), failures=3, succeeded_at=timezone.now()
    )

    samples = _samples()

    states = {labels: n for (name, labels), n in samples.items() if name.endswith("force_state")}
    assert [labels for labels, n in states.items() if n] == [frozenset(("paused",))]
    assert _value("salesforce_failures") == 3
    assert 240 < (_value("salesforce_paused_seconds") or 0) <= 300
    assert (_value("salesforce_success_seconds") or 0) < 60


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_calls_and_budget_are_told() -> None:
    row = builders.make_connection(calls_used=20_000, calls_allowed=100_000)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    ApiCalls.objects.create(connection=row, hour=hour, calls=1000)
    ApiCalls.objects.create(connection=row, hour=hour - timedelta(days=3), calls=7)

    assert _value("api_calls_total") == 1007
    assert _value("org_api_calls_used") == 20_000
    assert _value("org_api_calls_allowed") == 100_000
    assert _value("api_budget_limit") == 50_000
    assert _value("api_budget_spent") == 1000
    assert _value("api_budget_left", "click") == 49_000
    assert _value("api_budget_left", "bulk") == 39_000
    assert _value("backlog_seconds") == 0


# --- The surroundings ----------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_processes_and_redis_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "app-1")
    heartbeats.beat()

    assert (_value("process_seen_seconds", "sweeper", "app-1") or 60) < 60
    assert (_value("redis_up"), _value("workers")) == (1, 0)


@pytest.mark.django_db
def test_without_redis_the_rest_is_told(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert (_value("redis_up"), _value("workers")) == (0, None)


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_drift_is_told_by_verdict() -> None:
    builders.make_drift()
    builders.make_drift(closed_at=timezone.now(), closed_by=builders.make_run())

    assert _value("drift", Verdict.THEIRS_CHANGED) == 1
    assert _value("drift", Verdict.MISSING) == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_no_label_is_of_a_customer() -> None:
    quote = builders.make_quote(is_primary=True)
    builders.make_push(opportunity=quote.opportunity)
    builders.make_connection()
    entry = builders.make_log_entry(opportunity=quote.opportunity)

    page = _page()

    assert quote.opportunity is not None
    theirs = (quote.opportunity.mn_id, quote.opportunity.name, quote.mn_id, entry.salesforce_id)
    assert [each for each in theirs if each in page] == []


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_a_scrape_is_a_few_bounded_queries() -> None:
    builders.make_connection()
    builders.make_push()

    with CaptureQueriesContext(connection) as queries:
        _page()

    told = [query["sql"] for query in queries]
    assert len(told) <= SCRAPE, told
    of_many_rows = re.compile("console_(outboundpush|inboundevent|drift)")
    counts = [sql for sql in told if "count(" in sql.lower() and of_many_rows.search(sql)]
    assert len(counts) == 4
    assert [sql for sql in counts if "LIMIT" not in sql] == []
    assert not any("console_synclog" in sql for sql in told)


# --- What was done -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis")
def test_a_push_is_counted_by_its_outcome_and_by_how_long_it_took(pair: Pair) -> None:
    builders.make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="push_again", actor=ANN)
    OutboundPush.objects.update(requested_at=Now() - timedelta(minutes=20))

    jobs.drain_outbound()

    samples = _samples()
    assert 1200 <= samples["console_push_seconds_sum", frozenset(("link", "click"))] < 1800
    assert samples["console_push_seconds_bucket", frozenset(("link", "click", "300.0"))] == 0
    assert samples["console_push_seconds_bucket", frozenset(("link", "click", "1800.0"))] == 1
    assert samples["console_attempts_total", frozenset(("push_outbound", "done", "pushed"))] == 1
    assert samples["console_push_seconds_count", frozenset(("link", "click"))] == 1
    assert samples["console_push_seconds_bucket", frozenset(("link", "click", "+Inf"))] == 1
    assert samples["console_batch_seconds_count", frozenset(("link",))] == 1
    assert (_value("api_calls_total") or 0) >= 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis", "connected")
def test_what_goes_wrong_is_counted(org: Org) -> None:
    opportunity = builders.make_opportunity()
    builders.make_pairing(opportunity=opportunity)
    org.break_with(action="status", status=503, times=None)
    outbox.request_push(opportunity_id=opportunity.pk, trigger="push_again", actor=ANN)

    jobs.drain_outbound()

    assert _value("retries_total", "link") == 1
    assert _value("quarantined_total", "link") == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis")
def test_a_decision_of_another_flow_is_counted_once_it_is_kept(pair: Pair) -> None:
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=Actor.console("poll"))

    assert _value("attempts_total", "link_via_primary_quote", "done", "linked") == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_a_decision_that_was_taken_back_is_not_counted() -> None:
    builders.make_log_entry()

    assert not Tally.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_count_at_once_both_count() -> None:
    """Of the same totals, in opposite order, many times."""
    names = [f"n{number}" for number in range(20)]

    def count(order: list[str]) -> None:
        for _ in range(30):
            tallies.add({(name, "x"): 1.0 for name in order})
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(count, [names, names[::-1]]))

    assert [*Tally.objects.values_list("value", flat=True)] == [60.0] * 20


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_counted_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    with no_database():
        tallies.add({("attempts", "x"): 1.0})

    assert "not counted" in caplog.text


@pytest.mark.parametrize(("seconds", "number"), [(0, 0), (0.07, 1), (0.1, 2), (1000, 12)])
def test_a_bucket_is_the_one_that_postgresql_would_choose(
    db: None, seconds: float, number: int
) -> None:
    bounds = list(tallies.BATCH_BOUNDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT width_bucket(%s::float8, %s::float8[])", [seconds, bounds])
        (theirs,) = cursor.fetchone()

    assert (tallies.bucket(seconds, bounds), theirs) == (str(number), number)
