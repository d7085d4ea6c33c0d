"""A change of partner: our half at once, Salesforce's half by the push, both or neither."""

from __future__ import annotations

from datetime import datetime

import pytest

from console import claims, clock, outbox
from console.actor import Actor
from console.flows import push_outbound
from console.flows import relink as flow
from console.models import Association, Relink, SyncLog
from syncrules.facts import MN_ID_FIELD, PRIMARY_QUOTE_FIELD
from syncrules.reasons import Outcome, Reason
from tests.builders import make_opportunity, make_pairing
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db
VERA = Actor(name="vera")


@pytest.fixture
def linked(pair: Pair) -> Pair:
    """Linked on both sides."""
    make_pairing(opportunity=pair.opportunity, salesforce_id=pair.salesforce_id)
    outbox.request_push(opportunity_id=pair.opportunity.pk, trigger="linked", actor=VERA)
    drain()
    return pair


@pytest.fixture
def elsewhere(org: Org) -> str:
    """A free Salesforce opportunity."""
    salesforce_id = sf_id()
    org.add_opportunity(salesforce_id, Name="Northwind renewal")
    return salesforce_id


def drain() -> None:
    while claimed := claims.claim():
        push_outbound.run(claimed)


def relink(pair: Pair, target: str | None, *, why: str = "wrong record") -> SyncLog:
    return flow.run(
        pair.opportunity.pk, target=target, reason_text=why, trigger="wizard", actor=VERA
    )


def partner(pair: Pair) -> str | None:
    row = Association.objects.filter(opportunity=pair.opportunity, ended_at__isnull=True).first()
    return row.salesforce_id if row else None


def link_fields(org: Org, salesforce_id: str) -> tuple[str | None, str | None]:
    record = org.opportunity(salesforce_id)
    return record[MN_ID_FIELD], record[PRIMARY_QUOTE_FIELD]


def test_a_relink_changes_both_sides(linked: Pair, elsewhere: str, org: Org) -> None:
    entry = relink(linked, elsewhere)
    drain()

    assert (entry.outcome, entry.reason) == (Outcome.DONE, Reason.RELINKED)
    assert partner(linked) == elsewhere
    assert link_fields(org, linked.salesforce_id) == (None, None)
    assert link_fields(org, elsewhere) == (linked.opportunity.mn_id, linked.quote_record)
    assert Relink.objects.get().state == Relink.State.DONE


@pytest.mark.usefixtures("fast_clock")
def test_steps_are_dated_by_the_clock_of_the_database(linked: Pair, elsewhere: str) -> None:
    relink(linked, elsewhere)
    drain()

    steps = Relink.objects.get().steps
    assert steps
    assert all(datetime.fromisoformat(step["at"]) <= clock.now() for step in steps)


def test_the_old_pair_stays_as_history_with_the_reason(linked: Pair, elsewhere: str) -> None:
    relink(linked, elsewhere, why="merged with the renewal")

    old = Association.objects.get(salesforce_id=linked.salesforce_id)
    assert old.ended_at is not None
    assert old.ended_because == "merged with the renewal"


def test_an_unlink_empties_the_record_and_is_not_undone_by_the_next_push(
    linked: Pair, org: Org
) -> None:
    """The creation reference must not lead the push back to the record."""
    linked.opportunity.creation_reference = linked.salesforce_id
    linked.opportunity.save(update_fields=["creation_reference"])

    relink(linked, None)
    drain()
    outbox.request_push(opportunity_id=linked.opportunity.pk, trigger="edit", actor=VERA)
    drain()

    assert partner(linked) is None
    assert link_fields(org, linked.salesforce_id) == (None, None)
    reasons = list(SyncLog.objects.order_by("id").values_list("reason", flat=True))
    assert reasons[-3:] == ["unlinked", "old_link_cleared", "link_never_established"]


def test_when_salesforce_refuses_its_half_ours_is_taken_back(
    linked: Pair, elsewhere: str, org: Org
) -> None:
    org.break_with(
        action="record_error",
        record_id=linked.salesforce_id,
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        message="The MN id may not be removed",
        times=None,
    )

    relink(linked, elsewhere)
    drain()

    change = Relink.objects.get()
    assert change.state == Relink.State.COMPENSATED
    assert "may not be removed" in str(change.steps)
    assert partner(linked) == linked.salesforce_id
    assert link_fields(org, elsewhere) == (None, None)
    assert SyncLog.objects.latest("id").reason == Reason.REJECTED_BY_SALESFORCE


def test_a_busy_old_record_is_asked_again_and_the_new_one_waits(
    linked: Pair, elsewhere: str, org: Org
) -> None:
    org.break_with(action="record_error", record_id=linked.salesforce_id)

    relink(linked, elsewhere)
    push_outbound.run(claims.claim())

    assert Relink.objects.get().state == Relink.State.PENDING
    assert link_fields(org, elsewhere) == (None, None)


@pytest.mark.parametrize("ending", ["relink", "unlink"])
def test_an_undo_puts_everything_back(linked: Pair, elsewhere: str, org: Org, ending: str) -> None:
    before = link_fields(org, linked.salesforce_id)
    relink(linked, elsewhere if ending == "relink" else None)
    drain()

    entry = flow.undo(Relink.objects.get().pk, trigger="wizard", actor=VERA)
    drain()

    assert entry.reason == Reason.RELINKED
    assert partner(linked) == linked.salesforce_id
    assert link_fields(org, linked.salesforce_id) == before
    assert link_fields(org, elsewhere) == (None, None)


def test_an_undo_is_refused_once_something_else_has_changed(
    linked: Pair, elsewhere: str, org: Org
) -> None:
    relink(linked, elsewhere)
    drain()
    first = Relink.objects.get()
    third = sf_id()
    org.add_opportunity(third)
    relink(linked, third)
    drain()

    with pytest.raises(flow.CannotUndo, match="changed again"):
        flow.undo(first.pk, trigger="wizard", actor=VERA)


def test_a_reason_is_required(linked: Pair, elsewhere: str) -> None:
    with pytest.raises(flow.ReasonMissing, match="reason"):
        relink(linked, elsewhere, why="  ")

    assert partner(linked) == linked.salesforce_id


def test_a_finalized_deal_is_not_taken_apart(linked: Pair, elsewhere: str) -> None:
    linked.opportunity.status = "WON"
    linked.opportunity.save(update_fields=["status"])

    entry = relink(linked, elsewhere)

    assert (entry.outcome, entry.reason) == (Outcome.FAILED, Reason.ENTITY_FINALIZED)
    assert partner(linked) == linked.salesforce_id


def test_a_record_closed_in_salesforce_is_locked_too(linked: Pair, org: Org) -> None:
    closed = sf_id()
    org.add_opportunity(closed, StageName="Closed Won")

    assert relink(linked, closed).reason == Reason.ENTITY_FINALIZED


def test_a_record_of_somebody_else_is_a_conflict(linked: Pair, elsewhere: str) -> None:
    make_pairing(opportunity=make_opportunity(), salesforce_id=elsewhere)

    assert relink(linked, elsewhere).reason == Reason.CONFLICTING_ASSOCIATION
    assert partner(linked) == linked.salesforce_id


def test_the_preview_says_what_the_run_decides(linked: Pair, elsewhere: str) -> None:
    _, foreseen = flow.preview(linked.opportunity.pk, target=elsewhere)
    assert partner(linked) == linked.salesforce_id

    assert relink(linked, elsewhere).reason == foreseen.reason


def test_it_is_said_whether_and_why_not_a_change_can_be_undone(
    linked: Pair, elsewhere: str
) -> None:
    relink(linked, elsewhere)
    change = Relink.objects.get()
    assert "waiting for Salesforce" in flow.why_not_undo(change.pk)

    drain()
    assert flow.why_not_undo(change.pk) == ""

    flow.undo(change.pk, trigger="wizard", actor=VERA)
    assert "undone" in flow.why_not_undo(change.pk)


def test_a_plan_that_was_made_from_another_partner_is_not_carried_out(
    linked: Pair, elsewhere: str, org: Org
) -> None:
    """Somebody else was quicker, and has changed the partner already."""
    third = sf_id()
    org.add_opportunity(third)
    relink(linked, elsewhere)

    with pytest.raises(flow.PlanIsOld, match="somebody else"):
        flow.run(
            linked.opportunity.pk,
            target=third,
            reason_text="wrong record",
            trigger="wizard",
            actor=VERA,
            planned_from=linked.salesforce_id,
        )

    assert partner(linked) == elsewhere
