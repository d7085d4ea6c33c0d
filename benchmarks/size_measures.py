"""What `benchmarks.size` measures: pages, claims, and pruning beside a writer."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from typing import Final

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from benchmarks import size_book
from benchmarks.size_book import NOW, entry, record
from console import claims, models, pruning
from console.admin.base import list_of, page_of
from console.models import Opportunity, SyncLog

SMALL: Final = "small"
LARGE: Final = "console"
_ROUNDS: Final = 7

Times = dict[str, float]
"""Milliseconds, medians; `ratio` is large over small."""


# --- Pages ---------------------------------------------------------------------------------------


def _addresses(known: int) -> dict[str, str]:
    """What is asked for; `known`: a number of an opportunity that both databases have."""

    number = known - 1
    log, deals, queue = models.SyncLog, models.Opportunity, models.OutboundPush
    return {
        "overview": reverse("admin:index"),
        "log": list_of(log),
        "log, deep": list_of(log, "p=190"),
        "log, failed": list_of(log, "outcome=failed"),
        "log, needs somebody": list_of(log, "open=yes"),
        "log, a reason, a week": list_of(log, "reason=quote_inaccessible&since=7d"),
        "log, by id": list_of(log, f"q={record(number)}"),
        "log, by a rare word": list_of(log, f"q=expansion {number}"),
        "log, by a word in all": list_of(log, "q=expansion"),
        "log, by a word in none": list_of(log, "q=zzzzzz"),
        "opportunities": list_of(deals),
        "opportunities, deep": list_of(deals, "p=15"),
        "opportunities, by name": list_of(deals, f"q=expansion {number}"),
        "pairs": list_of(models.Association),
        "quotes": list_of(models.Quote),
        "events": list_of(models.InboundEvent),
        "queue": list_of(queue),
        "queue, set aside": list_of(queue, "state=parked"),
        "drift": list_of(models.Drift),
        "opportunity": f"opportunity {number}",
        "explain": reverse("admin:console_explain_id", args=[f"opp_{number}"]),
        "/metrics": "/metrics",
        "/readyz": "/readyz",
    }


def pages(known: int) -> dict[str, Times]:
    found = {}
    for page, address in _addresses(known).items():
        times: dict[str, list[float]] = {SMALL: [], LARGE: []}
        for turn in range(_ROUNDS + 1):
            for database in (SMALL, LARGE):
                use(database)
                spent = _ask(address)
                if turn:  # the first of each warms up
                    times[database].append(spent)
        found[page] = _beside(statistics.median(times[SMALL]), statistics.median(times[LARGE]))
        _print(page, found[page])
    return found


def _ask(address: str) -> float:

    if address.startswith("opportunity "):
        deal = Opportunity.objects.get(mn_id=f"opp_{address.split()[1]}")
        address = page_of(deal)
    client = Client()
    client.force_login(User.objects.get(username="ann"))
    began = time.perf_counter()
    answer = client.get(address)
    spent = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, (address, answer.status_code, answer.content[:500])
    return spent


# --- Claims --------------------------------------------------------------------------------------


def claim(deep: int) -> Times:
    """The queue is filled anew each time, since what was claimed keeps its account busy."""
    use(LARGE)
    medians = []
    for due in (1_000, deep):
        size_book.ask(due, of=deep)
        times = []
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            taken = claims.claim(limit=1_000, owner="benchmark")
            times.append((time.perf_counter() - began) * 1000)
            assert len(taken) == 1_000, len(taken)
            _give_back()
        medians.append(statistics.median(times))
    found = _beside(*medians)
    _print(f"claim of 1,000 out of {deep:,}", found)
    scraped = [_ask("/metrics") for _ in range(_ROUNDS)]
    found["metrics_at_this_backlog"] = statistics.median(scraped)
    print(f"  /metrics at this backlog {found['metrics_at_this_backlog']:.1f} ms")
    return found


def _give_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE console_outboundpush SET state = 'queued', lease_until = NULL "
            "WHERE state = 'sending'"
        )
        cursor.execute("VACUUM ANALYZE console_outboundpush")


# --- Pruning -------------------------------------------------------------------------------------


def prune() -> Times:
    use(LARGE)
    before = pruning.first_kept(days=400)
    idle = _writing(lambda: time.sleep(10))
    removed, began = 0, time.monotonic()

    def remove() -> None:
        nonlocal removed
        for step in pruning.steps(before=before):
            removed += sum(step.removed.values())

    busy = _writing(remove)
    seconds = time.monotonic() - began
    found = {
        "rows": removed,
        "rows_a_second": removed / seconds,
        "writer_p95_idle": _p95(idle),
        "writer_p95": _p95(busy),
        "ratio": _p95(busy) / _p95(idle),
        "writer_longest": max(busy),
    }
    print(
        f"pruning: {removed:,} rows, {found['rows_a_second']:,.0f} a second; a writer's p95 "
        f"{found['writer_p95']:.2f} ms beside {found['writer_p95_idle']:.2f} ms idle, "
        f"x {found['ratio']:.2f}; its longest {found['writer_longest']:.0f} ms"
    )
    return found


def _writing(meanwhile: Callable[[], object]) -> list[float]:
    """How long each of somebody's writes took, a hundred a second, each a transaction."""

    times: list[float] = []
    stop = threading.Event()
    pk = Opportunity.objects.order_by("id").values_list("id", flat=True)[0]

    def write() -> None:
        while not stop.wait(0.01):
            row = SyncLog(**entry(1, pk, NOW))
            began = time.perf_counter()
            row.save()
            times.append((time.perf_counter() - began) * 1000)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    meanwhile()
    stop.set()
    writer.join()
    return times


# --- Parts ---------------------------------------------------------------------------------------


def use(database: str) -> None:
    if connection.settings_dict["NAME"] != database:
        connection.close()
        connection.settings_dict["NAME"] = database


def _beside(small: float, large: float) -> Times:
    return {"small": small, "large": large, "ratio": large / small}


def _print(name: str, found: Times) -> None:
    print(
        f"{name:28} {found['small']:8.1f} {found['large']:8.1f} ms   x {found['ratio']:.2f}",
        flush=True,
    )


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
