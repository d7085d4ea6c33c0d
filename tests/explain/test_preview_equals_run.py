"""What is foreseen is what happens: previews and runs agree, whatever the two sides look like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings

from console import claims, outbox
from console.explain import foresight
from console.flows import (
    link_by_hand,
    link_via_primary_quote,
    push_outbound,
    relink,
    update_primary_quote,
)
from console.models import SyncLog
from syncrules.decisions import Decision
from syncrules.json_form import from_json
from syncrules.link_rungs import READ_BACK
from tests.explain.worlds import Built, World, build, worlds
from tests.org import Org

pytestmark = pytest.mark.django_db
Both = Callable[[Built], tuple[Decision, SyncLog]]
# Asked only after something was sent, so no preview can have them.
_AFTER_A_WRITE = {check.key for check in READ_BACK}


def link(built: Built) -> tuple[Decision, SyncLog]:
    _, foreseen = link_via_primary_quote.preview(built.record, actor=built.caller)
    return foreseen, link_via_primary_quote.run(built.record, trigger="poll", actor=built.caller)


def link_two(built: Built) -> tuple[Decision, SyncLog]:
    pk, record = built.opportunity.pk, built.record
    _, foreseen = link_by_hand.preview(pk, salesforce_id=record)
    return foreseen, link_by_hand.run(pk, salesforce_id=record, trigger="page", actor=built.caller)


def set_primary(built: Built) -> tuple[Decision, SyncLog]:
    pk, quote = built.opportunity.pk, built.quote_mn_id
    _, foreseen = update_primary_quote.preview(pk, quote_mn_id=quote, actor=built.caller)
    return foreseen, update_primary_quote.run(
        pk, quote_mn_id=quote, how="manual", trigger="page", actor=built.caller
    )


def push(built: Built) -> tuple[Decision, SyncLog]:
    """With what is said when Salesforce refuses the preview: the run records that as an attempt."""
    _, foreseen = foresight.of_push(built.opportunity.pk)
    outbox.request_push(opportunity_id=built.opportunity.pk, trigger="page", actor=built.caller)
    assert push_outbound.run(claims.claim(limit=10)) == 1
    return foreseen.decision, SyncLog.objects.latest("pk")


def change_partner(built: Built) -> tuple[Decision, SyncLog]:
    pk, record = built.opportunity.pk, built.record
    _, foreseen = relink.preview(pk, target=record)
    return foreseen, relink.run(
        pk, target=record, reason_text="wrong record", trigger="page", actor=built.caller
    )


FLOWS = pytest.mark.parametrize(
    "both",
    [link, link_two, set_primary, push, change_partner],
    ids=lambda both: both.__name__,
)
# The org is emptied and the rows are taken back by each example itself.
_SHARED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FLOWS
@settings(_SHARED, max_examples=50, derandomize=True)
@given(world=worlds)
def test_the_preview_foresees_what_the_run_decides(org: Org, both: Both, world: World) -> None:
    _agree(org, both, world)


@pytest.mark.soak
@FLOWS
@settings(_SHARED, max_examples=1500)
@given(world=worlds)
def test_the_preview_foresees_what_the_run_decides_at_length(
    org: Org, both: Both, world: World
) -> None:
    _agree(org, both, world)


def _agree(org: Org, both: Both, world: World) -> None:
    with _taken_back():
        foreseen, entry = both(build(world, org))
        decided = from_json(Decision, entry.decision)
    event(decided.reason)
    climbed = [step for step in decided.steps if step.key not in _AFTER_A_WRITE]
    assert (foreseen.flow, foreseen.outcome, foreseen.reason) == (
        decided.flow,
        decided.outcome,
        decided.reason,
    )
    assert list(foreseen.steps) == climbed


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
