"""Old months go, by command or by themselves, and nothing that is still needed goes with them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import combinations
from typing import Any, Final

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone
from pytest_django import Settings

from console import pruning, sweep, vitals
from console.actor import Actor
from console.flows import link_via_primary_quote
from console.models import (
    ApiCalls,
    Association,
    Chore,
    Heartbeat,
    InboundEvent,
    OutboundPush,
    SyncLog,
    Waiting,
)
from syncrules.reasons import Reason
from tests.builders import (
    make_connection,
    make_drift,
    make_event,
    make_log_entry,
    make_opportunity,
    make_pairing,
    make_push,
)
from tests.facts import push_facts, sf_id
from tests.pair import Pair

pytestmark = pytest.mark.django_db

State = OutboundPush.State
LONG_AGO: Final = datetime(2021, 3, 20, 12, tzinfo=UTC)
KEYS: Final = ("opportunity_id", "salesforce_id", "quote_mn_id", "flow", "outcome", "reason")


def _prune(**options: Any) -> str:
    told = StringIO()
    call_command("prune_sync_log", stdout=told, **options)
    return told.getvalue()


def _age(entries: Iterable[SyncLog], *, to: datetime = LONG_AGO) -> None:
    """Makes them as old as that, which only who owns the table can do to an entry."""
    ids = [entry.pk for entry in entries]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE console_synclog DISABLE TRIGGER synclog_is_append_only")
        SyncLog.objects.filter(pk__in=ids).update(created_at=to)
        cursor.execute("ALTER TABLE console_synclog ENABLE TRIGGER synclog_is_append_only")


def _two_alike(**columns: Any) -> tuple[SyncLog, SyncLog]:
    opportunity = columns.pop("opportunity", None) or make_opportunity()
    record = sf_id()
    older, newer = (
        make_log_entry(opportunity=opportunity, salesforce_id=record, **columns) for _ in range(2)
    )
    return older, newer


# --- Which entries go ----------------------------------------------------------------------------


def test_of_old_entries_alike_the_newest_stays() -> None:
    entries = _two_alike()
    _age(entries)

    told = _prune()

    assert list(SyncLog.objects.all()) == [entries[1]]
    assert "console_synclog 2021-03: 1 rows removed" in told
    assert "console_synclog: 1 rows removed" in told


def test_the_newest_of_its_kind_may_be_of_today() -> None:
    old, new = _two_alike()
    _age([old])

    _prune()

    assert list(SyncLog.objects.all()) == [new]


def test_a_month_goes_as_a_whole_once_all_of_it_is_old_enough() -> None:
    before = pruning.first_kept(days=400)
    assert (before.day, before.hour) == (1, 0)
    too_old, old_enough = _two_alike(), _two_alike()
    _age(too_old, to=before - timedelta(microseconds=1))
    _age(old_enough, to=before)

    _prune(days=400)

    assert {*SyncLog.objects.all()} == {too_old[1], *old_enough}


def test_whoever_asks_for_the_newest_entry_gets_the_same_one_as_before() -> None:
    """By opportunity, record, quote, flow, outcome and reason, in every combination."""
    chance = random.Random(4)
    opportunities = [make_opportunity() for _ in range(4)]
    records = [sf_id() for _ in range(4)]
    entries = [
        make_log_entry(
            chance.choice([None, push_facts()]),
            opportunity=chance.choice([None, *opportunities]),
            salesforce_id=chance.choice(records),
            quote_mn_id=chance.choice(["", "quote_1"]),
            reason=chance.choice([None, Reason.PUSHED, Reason.ACCOUNT_NOT_LINKED]),
        )
        for _ in range(400)
    ]
    _age(entries[:350])
    before = _newest()

    _prune()

    assert _newest() == before
    assert SyncLog.objects.count() < 300


def _newest() -> list[Any]:
    return [
        sorted(SyncLog.objects.values_list(*keys).annotate(Max("pk")).order_by(), key=str)
        for size in range(1, len(KEYS) + 1)
        for keys in combinations(KEYS, size)
    ]


def test_that_a_record_was_written_long_ago_is_not_forgotten(pair: Pair) -> None:
    """Or a record whose MN id somebody took away would be linked anew without a word."""
    linked = make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    Association.objects.filter(pk=linked.pk).update(linked_at=LONG_AGO - timedelta(days=1))
    pushes = [
        make_log_entry(
            push_facts(),
            reason=Reason.PUSHED,
            opportunity=pair.opportunity,
            salesforce_id=pair.salesforce_id,
        )
        for _ in range(3)
    ]
    _age(pushes)

    _prune()

    assert SyncLog.objects.count() == 1
    seen, _ = link_via_primary_quote.preview(pair.salesforce_id, actor=Actor.console("poll"))
    assert seen.was_written_at == LONG_AGO


def test_what_an_attempt_waits_for_stays() -> None:
    entries = _two_alike()
    _age(entries)
    waiting = Waiting.objects.create(
        flow="update_primary_quote",
        subject="opp_1",
        prerequisite="quote",
        key="quote_1",
        waiting_entry=entries[0].pk,
    )
    Waiting.objects.filter(pk=waiting.pk).update(since=LONG_AGO)

    _prune()
    assert SyncLog.objects.count() == 2

    Waiting.objects.update(state=Waiting.State.DROPPED)
    _prune()
    assert list(SyncLog.objects.all()) == [entries[1]]
    assert not Waiting.objects.exists()


@pytest.mark.django_db(transaction=True)  # the permission to delete ends with its transaction
def test_pruning_leaves_the_door_shut_behind_it() -> None:
    entry = make_log_entry()

    _prune()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        entry.delete()


# --- The other tables ----------------------------------------------------------------------------


def test_events_go_unless_they_still_wait() -> None:
    gone, waits, young = make_event(state="processed"), make_event(), make_event(state="stale")
    InboundEvent.objects.filter(pk__in=[gone.pk, waits.pk]).update(received_at=LONG_AGO)

    _prune()

    assert {*InboundEvent.objects.all()} == {waits, young}


def test_pushes_go_once_they_are_over_and_no_drift_names_them() -> None:
    over, named = (make_push(state=State.SENT, finished_at=LONG_AGO) for _ in range(2))
    parked = make_push(state=State.PARKED, requested_at=LONG_AGO)
    young = make_push(state=State.SENT, finished_at=timezone.now())
    make_drift(push=named)

    _prune()

    assert over not in OutboundPush.objects.all()
    assert {*OutboundPush.objects.all()} == {named, parked, young}


def test_calls_that_go_stay_in_the_total() -> None:
    row = make_connection()
    for hour in range(3):
        ApiCalls.objects.create(connection=row, hour=LONG_AGO + timedelta(hours=hour), calls=5)
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    ApiCalls.objects.create(connection=row, hour=now, calls=2)

    _prune()
    _prune()

    assert ApiCalls.objects.get().calls == 2
    assert vitals.totals()["api_calls"] == {(): 17.0}


def test_hosts_that_are_gone_for_long_are_forgotten() -> None:
    Heartbeat.objects.create(kind="worker", host="app-1", seen_at=LONG_AGO)

    _prune()

    assert not Heartbeat.objects.exists()


# --- How it goes ---------------------------------------------------------------------------------


def test_a_dry_run_counts_by_month_and_removes_nothing() -> None:
    entries = [*_two_alike(), *_two_alike()]
    _age(entries[:2])
    _age(entries[2:], to=LONG_AGO + timedelta(days=31))

    told = _prune(dry_run=True)

    assert "console_synclog 2021-03: 1 of 2 rows would go" in told
    assert "console_synclog 2021-04: 1 of 2 rows would go" in told
    assert SyncLog.objects.count() == 4


def test_it_goes_in_small_steps_and_on_from_any_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "ROWS", 3)
    opportunity, record = make_opportunity(), sf_id()
    entries = [make_log_entry(opportunity=opportunity, salesforce_id=record) for _ in range(11)]
    _age(entries)  # all at the same moment, which must not keep it in one place
    before = pruning.first_kept(days=400)

    first = next(pruning.steps(before=before))
    assert sum(first.removed.values()) == 3
    rest = list(pruning.steps(before=before, start=first.position))

    assert [sum(step.removed.values()) for step in rest] == [3, 3, 1]
    assert list(SyncLog.objects.all()) == [entries[-1]]


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn of the sweeper ends after one step of three rows."""
    monkeypatch.setattr(pruning, "ROWS", 3)
    monkeypatch.setattr(pruning, "_TURN_SECONDS", -1)


@pytest.mark.usefixtures("hurry")
def test_the_sweeper_prunes_by_itself_a_little_in_each_turn() -> None:
    for _ in range(2):
        make_event(state="processed")
    InboundEvent.objects.update(received_at=LONG_AGO)
    opportunity, record = make_opportunity(), sf_id()
    entries = [make_log_entry(opportunity=opportunity, salesforce_id=record) for _ in range(5)]
    _age(entries)

    removed = []
    for _ in range(4):
        sweep.turn()
        removed.append(7 - SyncLog.objects.count() - InboundEvent.objects.count())

    assert removed == [2, 5, 6, 6]
    assert list(SyncLog.objects.all()) == [entries[-1]]
    _expect_rest()


def _expect_rest() -> None:
    """Nothing more is looked at until tomorrow."""
    chore = Chore.objects.get(name=pruning.CHORE)
    assert chore.not_before > timezone.now() + timedelta(hours=23)
    assert chore.position["behind"] == "done"


@pytest.mark.usefixtures("hurry")
def test_a_turn_that_was_never_ended_is_taken_over_where_it_began() -> None:
    make_event(state="processed")
    InboundEvent.objects.update(received_at=LONG_AGO)
    Chore.objects.create(
        name=pruning.CHORE, not_before=timezone.now() + timedelta(minutes=1), position={}
    )

    assert pruning.go_on() == 0
    assert InboundEvent.objects.exists()

    Chore.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert pruning.go_on() == 1


def test_the_next_month_is_looked_at_when_it_is_old_enough(settings: Settings) -> None:
    assert pruning.go_on() == 0
    _expect_rest()
    make_event(state="processed")
    InboundEvent.objects.update(received_at=LONG_AGO)
    Chore.objects.update(not_before=timezone.now() - timedelta(seconds=1))

    assert pruning.go_on() == 0, "of this month everything was looked at"
    settings.SYNC_LOG_KEPT = timedelta(days=300)
    Chore.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert pruning.go_on() == 1
