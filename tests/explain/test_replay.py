"""A kept decision, decided again: the same today, or the first step that differs."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest

import syncrules
from console import flows
from console.actor import Actor
from console.flows import link_via_primary_quote
from console.models import SyncLog
from console.replay import RULES, replay
from tests.builders import make_log_entry
from tests.facts import DOWN, link_facts, push_facts
from tests.pair import Pair

pytestmark = pytest.mark.django_db


def with_decision(entry: SyncLog, **changes: Any) -> SyncLog:
    """The entry as if the rules of then had said something else. Not saved: the log is
    append-only."""
    entry.decision = {**entry.decision, **changes}
    return entry


def test_every_flow_that_decides_can_be_replayed() -> None:
    """A flow has one name in every layer."""
    names = {module.name for module in pkgutil.iter_modules(flows.__path__)}
    names &= {module.name for module in pkgutil.iter_modules(syncrules.__path__)}
    names -= {"reconcile"}  # tells what differs; what mends it decides
    rules = [importlib.import_module(f"syncrules.{name}") for name in names]

    assert {rule.FLOW for rule in rules} == set(RULES)


@pytest.mark.parametrize(
    "facts",
    [link_facts(), link_facts(connection=DOWN), push_facts(), push_facts(pairing=None)],
    ids=["linked", "not connected", "pushed", "never linked"],
)
def test_today_decides_the_same_while_the_rules_are_the_same(facts: Any) -> None:
    entry = make_log_entry(facts)
    entry.refresh_from_db()  # as the database gives it back

    again = replay(entry)

    assert again.is_same
    assert again.now == again.then


def test_what_a_real_run_kept_can_be_replayed(pair: Pair) -> None:
    entry = link_via_primary_quote.run(
        pair.salesforce_id, trigger="poll", actor=Actor.console("poll")
    )
    entry.refresh_from_db()

    assert replay(entry).is_same


def test_the_first_step_that_differs_is_shown() -> None:
    entry = make_log_entry(link_facts())
    steps = [dict(step) for step in entry.decision["steps"]]
    steps[3]["status"], steps[5]["status"] = "blocked", "blocked"

    again = replay(with_decision(entry, steps=steps))

    assert not again.is_same
    assert again.difference is not None
    assert again.difference.number == 4
    assert again.difference.then is not None
    assert again.difference.now is not None
    assert (again.difference.then.status, again.difference.now.status) == ("blocked", "passed")


def test_a_step_that_was_not_asked_then_is_a_difference() -> None:
    entry = make_log_entry(link_facts())

    again = replay(with_decision(entry, steps=entry.decision["steps"][:-1]))

    assert again.difference is not None
    assert again.difference.then is None
    assert again.difference.now is not None
    assert again.difference.now.key == "record_is_free"


def test_a_question_in_other_words_is_the_same_question() -> None:
    entry = make_log_entry(link_facts())
    steps = [{**step, "question": "Put differently?"} for step in entry.decision["steps"]]

    assert replay(with_decision(entry, steps=steps)).is_same


def test_the_same_steps_may_end_otherwise() -> None:
    entry = make_log_entry(link_facts())

    again = replay(with_decision(entry, reason="already_linked", outcome="nothing_to_do"))

    assert again.difference is not None
    assert (again.difference.then, again.difference.now) == (None, None)


def test_what_cannot_be_read_or_is_not_known_is_said() -> None:
    entry = make_log_entry(link_facts())

    unreadable = replay(with_decision(entry, reason="a_reason_of_the_future"))
    assert "cannot read" in unreadable.problem
    assert not unreadable.is_same

    entry.flow = "a_flow_of_the_past"
    assert "no rules" in replay(entry).problem
