"""What the queue holds: the dead, the many, the hot, the unlinked and the deleted."""

from __future__ import annotations

from functools import partial

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from console import roles
from console.models import OutboundPush, SyncLog
from syncrules.reasons import Reason
from tests.builders import make_user
from tests.faults.deals import Deal, edit, edit_all
from tests.faults.transitions import steps
from tests.faults.world import World
from tests.races.at_once import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
State = OutboundPush.State
Urgency = OutboundPush.Urgency


def signed_in(name: str, role: str) -> Client:
    client = Client()
    client.force_login(make_user(name, role=role))
    return client


def test_what_was_set_aside_is_pushed_again_twice(world: World) -> None:
    """Fault 36: by people who may, in their name; and it is sent once."""
    world.make_deals(world.random.randint(2, 4))
    bad = world.random.choice(world.deals)
    world.org.break_with(
        action="record_error",
        record_id=bad.salesforce_id,
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        message="the stage is closed",
    )
    edit_all(world.deals)
    world.worker()
    world.until(lambda: world.pushes(State.PARKED), what="it was set aside")
    push = OutboundPush.objects.get(state=State.PARKED)
    again = reverse("admin:console_outboundpush_push_again", args=[push.pk])
    viewer, operator = signed_in("wim", roles.VIEWER), signed_in("olga", roles.OPERATOR)

    assert viewer.post(again).status_code == 403
    assert world.pushes(State.PARKED) == 1
    both = at_once(partial(operator.post, again), partial(operator.post, again))
    world.until_delivered()

    assert [answer.status_code for answer in both] == [302, 302]
    assert world.versions_told(bad) == [1]
    told = SyncLog.objects.filter(push_id=push.pk).order_by("pk")
    assert list(told.values_list("reason", "trigger", "actor_name")) == [
        (Reason.REJECTED_BY_SALESFORCE, "edit", "vera"),
        (Reason.PUSHED, "push_again", "olga"),
    ]


def test_somebody_clicks_while_a_large_backlog_goes_out(world: World) -> None:
    """Fault 41: the click is next, once the batch in hand is through."""
    backlog = world.make_deals(5_000 if world.is_soak else 60)
    clicked = world.make_deals(3)
    edit_all(backlog, urgency=Urgency.BULK)
    # As after a batch that failed as a whole, so that a small backlog is many batches too.
    small = OutboundPush.objects.order_by("pk").values("pk")[:60]
    OutboundPush.objects.filter(pk__in=small).update(strikes=3, struck_at=Now())
    world.org.break_with(action="delay", seconds=0.5, object="Opportunity", name="first", nth=2)
    world.worker(PUSH_THREADS="1", PUSH_LEASE_SECONDS="20")
    world.until(lambda: world.org.fired("first"), what="the backlog is on its way")
    batches_before = len(batches(backlog))

    edit_all(clicked, urgency=Urgency.CLICK)
    world.until_delivered()

    (click,) = batches(clicked)
    went_before = [each for each in batches(backlog) if each < click]
    assert len(went_before) <= batches_before + 1
    assert len(batches(backlog)) > len(went_before)


def batches(of: list[Deal]) -> list[int]:
    """The transactions that claimed something of these deals, in their order."""
    ids = {deal.opportunity_id for deal in of}
    return list(
        dict.fromkeys(each.txid for each in steps() if each.is_claim and each.opportunity in ids)
    )


def test_a_deal_is_edited_all_the_time(world: World) -> None:
    """Fault 42: many edits are few pushes, and nobody waits for them to end."""
    edits = 300 if world.is_soak else 40
    (hot,) = world.make_deals(1, versions=edits)
    others = world.make_deals(world.random.randint(3, 6))
    world.worker()

    for number in range(edits):
        edit(hot)
        if number == edits // 4:
            edit_all(others)
        if number == edits // 2:
            world.until(lambda: are_sent(others), what="the others have gone")
    world.until_delivered()

    claims = [each for each in steps() if each.is_claim]
    of_hot = [each for each in claims if each.opportunity == hot.opportunity_id]
    assert len(world.versions_told(hot)) <= len(of_hot) < edits
    assert len(claims) - len(of_hot) == len(others)
    pushes = OutboundPush.objects.filter(opportunity_id=hot.opportunity_id)
    assert sum(pushes.values_list("requests", flat=True)) == edits


def are_sent(deals: list[Deal]) -> bool:
    ids = [deal.opportunity_id for deal in deals]
    return OutboundPush.objects.filter(opportunity_id__in=ids, state=State.SENT).count() == len(ids)


def test_there_is_no_link_when_it_is_sent(world: World) -> None:
    """Fault 43: that is skipped, not failed, and nobody asks Salesforce."""
    linked = world.make_deals(world.random.randint(1, 3))
    unlinked = world.make_deals(world.random.randint(1, 3), are_linked=False)
    del world.deals[len(linked) :]
    edit_all(unlinked)
    world.worker()
    world.until(world.is_at_rest, what="every push has come to its end")

    assert not [each for each in world.org.requests() if "/services/data/" in each["path"]]
    told = SyncLog.objects.values_list("outcome", "reason", "request")
    assert set(told) == {("skipped", Reason.LINK_NEVER_ESTABLISHED, None)}
    assert world.pushes(State.SKIPPED) == len(unlinked)

    edit_all(linked)
    world.until_delivered()


def test_a_record_was_deleted_in_salesforce(world: World) -> None:
    """Fault 44: it is set aside, not made anew; by every other seed it goes while it is written."""
    world.make_deals(world.random.randint(2, 5))
    gone = world.random.choice(world.deals)
    if world.seed % 2:
        world.org.delete_opportunity(gone.salesforce_id)
    else:
        world.org.break_with(
            action="record_error",
            record_id=gone.salesforce_id,
            code="ENTITY_IS_DELETED",
            message="entity is deleted",
        )
    edit_all(world.deals)
    world.worker()

    world.until_delivered([deal for deal in world.deals if deal is not gone])

    push = OutboundPush.objects.get(state=State.PARKED)
    assert (push.opportunity_id, push.reason) == (
        gone.opportunity_id,
        Reason.SALESFORCE_RECORD_GONE,
    )
    assert "create" not in {each["action"] for each in world.org.journal()}
