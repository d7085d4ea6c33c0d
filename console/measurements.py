"""What the console tells of itself in numbers, read from the database when it is asked.

Processes come and go, one for each job, so none of them keeps numbers of its own.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

import django
from django.conf import settings
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from console import budget, clock, doorbell, heartbeats, push_counts, tallies, vitals
from console.models import SalesforceConnection
from console.models.outbound_push import PushLane, PushUrgency
from syncrules import api_budget

Labels = tuple[str, ...]
Values = Mapping[Labels, float | None]
_URGENCIES: Final = {each.value: each.name.lower() for each in PushUrgency}


class Everything(Collector):
    """All metrics. None of them is labelled with anything of a customer's."""

    def describe(self) -> Iterable[Metric]:
        return ()  # or they would be collected once more, at registration

    def collect(self) -> Iterator[Metric]:
        yield _about()
        yield from _queue()
        yield from _of_connection()
        yield from _surroundings()
        yield from _totals(vitals.totals())


def _about() -> Metric:
    versions = {"version": settings.VERSION, "python": platform.python_version()}
    return InfoMetricFamily(
        "console_build", "What runs here.", {**versions, "django": django.get_version()}
    )


def _gauge(name: str, about: str, labels: Sequence[str], values: Values) -> Metric:
    family = GaugeMetricFamily(f"console_{name}", about, labels=labels)
    for key, value in values.items():
        if value is not None:
            family.add_metric(key, value)
    return family


def _one(name: str, about: str, value: float | None) -> Metric:
    """Without a value the metric is there, and has no sample."""
    return _gauge(name, about, (), {(): value})


def _queue() -> Iterator[Metric]:
    counts: dict[Labels, float | None] = {
        (state, lane, urgency): 0
        for state in vitals.OPEN
        for lane in PushLane
        for urgency in _URGENCIES.values()
    }
    oldest: dict[Labels, float | None] = dict(counts)
    for each in vitals.queue():
        key = (each.state, each.lane, _URGENCIES[each.urgency])
        counts[key], oldest[key] = each.count, each.oldest_seconds
    labels = ("state", "lane", "urgency")
    yield _gauge("push_queue", f"Open pushes, counted to {vitals.COUNTED}.", labels, counts)
    yield _gauge("push_queue_oldest_seconds", "Since the oldest was asked for.", labels, oldest)
    yield _one(
        "push_due_oldest_seconds",
        "For how long the most overdue waiting push is due; 0 when none is.",
        vitals.oldest_due_seconds() or 0,
    )
    yield _one(
        "push_oldest_lease_seconds",
        "Since the most neglected lease was prolonged; 0 when nothing is being sent.",
        vitals.oldest_lease_seconds() or 0,
    )
    count, seconds = vitals.inbound()
    yield _one("inbound_waiting", "Events of Salesforce that were not acted upon yet.", count)
    yield _one("inbound_oldest_seconds", "Since the oldest of them came.", seconds or 0)


def _of_connection() -> Iterator[Metric]:
    row, breaker = vitals.breaker()
    states: Values = {(state,): float(state == breaker.state) for state in vitals.STATES}
    yield _gauge("salesforce_state", "1 for the state that it is in.", ("state",), states)
    yield _one("salesforce_failures", "Failed calls since the last answer.", breaker.failures)
    yield _one("salesforce_paused_seconds", "Until the pause ends.", breaker.paused_seconds)
    yield _one(
        "salesforce_success_seconds", "Since a push last went through.", breaker.success_seconds
    )
    yield _one(
        "poll_seconds",
        "The age of the oldest change in Salesforce that polls may not have seen; 8 to 10 minutes"
        " when all is well.",
        breaker.poll_seconds,
    )
    if row is not None:
        yield from _budget(row)


def _budget(row: SalesforceConnection) -> Iterator[Metric]:
    usage = budget.usage(row)
    now = api_budget.budget(usage, budget.allowance(row))
    left: Values = {(_URGENCIES[each],): now.left(api_budget.Urgency(each)) for each in PushUrgency}
    yield _one("org_api_calls_used", "By all clients within a day.", row.calls_used)
    yield _one("org_api_calls_allowed", "The org's allocation for a day.", row.calls_allowed)
    yield _one("api_budget_limit", "Calls that the console may make within a day.", now.limit)
    yield _one("api_budget_spent", "Calls that it made within a day.", now.spent)
    yield _gauge("api_budget_left", "Calls that it may still make.", ("urgency",), left)
    forecast = budget.forecast(row, usage)
    yield _one("backlog_calls", "Calls that it takes to drain the backlog.", forecast.calls)
    yield _one(
        "backlog_seconds",
        "Until the backlog is drained; missing when it will not be within a day, or when nothing"
        " went out lately by which to judge.",
        _seconds_left(forecast),
    )


def _seconds_left(forecast: budget.Forecast) -> float | None:
    if not forecast.backlog:
        return 0
    if forecast.drained_at is None:
        return None
    return max((forecast.drained_at - clock.now()).total_seconds(), 0)


def _surroundings() -> Iterator[Metric]:
    seen: Values = {(each.kind, each.host): each.ago.total_seconds() for each in heartbeats.seen()}
    about = "Since a process of this kind was at work on the host; an idle worker is not."
    yield _gauge("process_seen_seconds", about, ("kind", "host"), seen)
    workers = doorbell.workers()
    yield _one("redis_up", "Whether Redis answers.", float(workers is not None))
    yield _one("workers", "Workers that wait for the doorbell or are at work.", workers)
    drift: Values = {(verdict,): count for verdict, count in vitals.drift().items()}
    yield _gauge("drift", "Open differences between the two sides.", ("verdict",), drift)
    yield _one("compared_seconds", "Since both sides were compared.", vitals.compared_seconds())


# --- Totals --------------------------------------------------------------------------------------

_COUNTERS: Final = {
    tallies.ATTEMPTS: ("flow", "outcome", "reason"),
    tallies.API_CALLS: (),
    push_counts.RETRIES: ("lane",),
    push_counts.STRIKES: ("lane",),
    push_counts.QUARANTINED: ("lane",),
    push_counts.TAKEN_OVER: ("lane",),
}
_ABOUT: Final = {
    tallies.ATTEMPTS: "Decisions that were recorded, each attempt of a push among them.",
    tallies.API_CALLS: "Calls to Salesforce.",
    push_counts.RETRIES: "Attempts after which a push is tried again.",
    push_counts.STRIKES: "Pushes in batches that ended without anyone knowing whose fault it was.",
    push_counts.QUARANTINED: "Pushes set aside because whatever they were sent with failed.",
    push_counts.TAKEN_OVER: "Pushes of a worker that was not heard of any more.",
}


def _totals(totals: vitals.Totals) -> Iterator[Metric]:
    for name, labels in _COUNTERS.items():
        yield _counter(name, labels, totals.get(name, {}))
    yield _histogram(
        tallies.PUSH_SECONDS,
        "From the moment in which a push was asked for until it was done.",
        ("lane", "urgency"),
        tallies.PUSH_BOUNDS,
        totals,
    )
    yield _histogram(
        tallies.BATCH_SECONDS,
        "From the moment in which a batch was taken until it was recorded.",
        ("lane",),
        tallies.BATCH_BOUNDS,
        totals,
    )


def _counter(name: str, labels: Sequence[str], values: Mapping[Labels, float]) -> Metric:
    family = CounterMetricFamily(f"console_{name}", _ABOUT[name], labels=labels)
    none_yet = {(lane,): 0.0 for lane in PushLane} if tuple(labels) == ("lane",) else {}
    for key, value in (none_yet | dict(values)).items():
        family.add_metric(key, value)
    return family


def _histogram(
    name: str, about: str, labels: Sequence[str], bounds: Sequence[float], totals: vitals.Totals
) -> Metric:
    """The last label of a stored count is the number of its bucket."""
    family = HistogramMetricFamily(f"console_{name}", about, labels=labels)
    found = totals.get(name, {})
    ends = [*map(str, bounds), "+Inf"]
    for key, total in totals.get(f"{name}_sum", {}).items():
        counts = accumulate(found.get((*key, str(number)), 0) for number in range(len(ends)))
        family.add_metric(_in_words(key), list(zip(ends, counts, strict=True)), sum_value=total)
    return family


def _in_words(key: Labels) -> Labels:
    """An urgency is stored as its number."""
    lane, *rest = key
    return (lane, *(_URGENCIES[int(each)] for each in rest))
