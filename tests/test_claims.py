"""Who may send what, and together with whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from console import claims, outbox
from console.actor import Actor
from console.models import Association, OutboundPush, Relink
from console.models.outbound_push import PushUrgency
from syncrules import retry
from syncrules.reasons import Reason
from tests.builders import make_account, make_opportunity, make_pairing, make_push
from tests.facts import sf_id
from tests.waiting_times import leases_run_out

pytestmark = pytest.mark.django_db
State = OutboundPush.State
Urgency = OutboundPush.Urgency
Lane = OutboundPush.Lane
VERA = Actor(name="vera", user_id=1)


def ids(claimed: list[claims.Claim]) -> list[int]:
    return [claim.push_id for claim in claimed]


# --- Order ---------------------------------------------------------------------------------------


def test_a_click_goes_before_what_happened_and_that_before_what_was_asked_in_bulk() -> None:
    bulk = make_push(urgency=Urgency.BULK)
    event = make_push(urgency=Urgency.EVENT)
    click = make_push(urgency=Urgency.CLICK, not_before=Now())

    claimed = [claims.claim(limit=1) for _ in range(3)]

    assert [ids(each) for each in claimed] == [[click.pk], [event.pk], [bulk.pk]]


def test_a_person_who_asks_makes_a_waiting_push_urgent_and_nobody_makes_it_less_so() -> None:
    opportunity = make_opportunity()

    def ask(actor: Actor, urgency: PushUrgency | None = None) -> int:
        push = outbox.request_push(
            opportunity_id=opportunity.pk, trigger="edit", actor=actor, urgency=urgency
        )
        return push.urgency

    assert ask(Actor.console("poll"), Urgency.BULK) == Urgency.BULK
    assert ask(Actor.console("poll")) == Urgency.EVENT
    assert ask(VERA) == Urgency.CLICK
    assert ask(Actor.console("poll"), Urgency.BULK) == Urgency.CLICK


def test_an_opportunity_that_is_edited_all_the_time_keeps_its_place() -> None:
    hot, other = make_push(), make_push()
    for _ in range(3):
        outbox.request_push(opportunity_id=hot.opportunity_id, trigger="edit", actor=VERA)
    OutboundPush.objects.update(urgency=Urgency.EVENT)

    assert [ids(claims.claim(limit=1)) for _ in range(2)] == [[hot.pk], [other.pk]]


# --- Accounts and records ------------------------------------------------------------------------


def test_an_account_is_in_one_batch_at_a_time() -> None:
    """Whoever writes an opportunity locks its account in Salesforce."""
    account, elsewhere = make_account(), make_push()
    first = make_push(opportunity=make_opportunity(account=account))
    claims.claim(limit=1)
    OutboundPush.objects.filter(pk=elsewhere.pk).update(state=State.SENT, lease_until=None)
    (under_way,) = claims.claim(limit=1)
    assert under_way.push_id == first.pk
    second = make_push(opportunity=make_opportunity(account=account))
    products = make_push(opportunity=make_opportunity(account=account), lane=Lane.PRODUCTS)

    assert claims.claim() == []
    assert claims.claim(lane=Lane.PRODUCTS) == []

    OutboundPush.objects.filter(pk=first.pk).update(state=State.SENT, lease_until=None)
    assert ids(claims.claim()) == [second.pk]
    OutboundPush.objects.filter(pk=second.pk).update(state=State.SENT, lease_until=None)
    assert ids(claims.claim(lane=Lane.PRODUCTS)) == [products.pk]


def test_the_oldest_push_brings_the_others_of_its_account() -> None:
    account = make_account()
    first = make_push(opportunity=make_opportunity(account=account))
    between = make_push()
    last = make_push(opportunity=make_opportunity(account=account))

    assert ids(claims.claim(limit=2)) == [first.pk, last.pk]
    assert ids(claims.claim(limit=2)) == [between.pk]


def test_a_record_that_two_were_created_for_is_in_one_batch_at_a_time() -> None:
    record = sf_id()
    one = make_push(opportunity=make_opportunity(creation_reference=record))
    make_push(opportunity=make_opportunity(creation_reference=record))
    pairing = make_pairing()
    third = make_push(opportunity=pairing.opportunity)

    assert ids(claims.claim(limit=1)) == [one.pk]
    assert ids(claims.claim()) == [third.pk]


def test_a_former_partner_is_touched_by_one_batch_at_a_time() -> None:
    """A change of partner empties the record that it leaves, which may be somebody else's now."""
    left = make_pairing(ended_at=Now(), ended_because="another partner")
    make_relink(left)
    leaving = make_push(opportunity=left.opportunity)
    arrived = make_push(
        opportunity=make_pairing(salesforce_id=left.salesforce_id).opportunity, not_before=Now()
    )

    assert ids(claims.claim(limit=1)) == [leaving.pk]
    assert claims.claim() == []

    OutboundPush.objects.update(state=State.QUEUED, lease_until=None)
    OutboundPush.objects.filter(pk=leaving.pk).update(not_before=Now())
    assert ids(claims.claim(limit=1)) == [arrived.pk]
    assert claims.claim() == []


def make_relink(old: Association) -> Relink:
    return Relink.objects.create(
        opportunity=old.opportunity, old=old, reason_text="wrong record", actor_name="vera"
    )


def test_what_is_held_up_hides_nothing_behind_it() -> None:
    account = make_account()
    busy = [make_push(opportunity=make_opportunity(account=account)) for _ in range(5)]
    free = make_push(not_before=Now())
    OutboundPush.objects.filter(pk=busy[0].pk).update(
        state=State.SENDING, lease_until=Now() + timedelta(minutes=1)
    )

    assert ids(claims.claim(limit=1)) == [free.pk]


# --- Links before products -----------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.QUEUED, State.HELD])
def test_products_wait_for_the_link_of_their_opportunity(state: str) -> None:
    link = make_push(state=state)
    make_push(opportunity=link.opportunity, lane=Lane.PRODUCTS)
    other = make_push(lane=Lane.PRODUCTS)

    assert ids(claims.claim(lane=Lane.PRODUCTS)) == [other.pk]


def test_products_wait_for_a_link_that_is_to_be_tried_again() -> None:
    link = make_push(not_before=Now() + timedelta(minutes=1), reason=Reason.WILL_BE_RETRIED)
    make_push(opportunity=link.opportunity, lane=Lane.PRODUCTS)

    assert claims.claim(lane=Lane.PRODUCTS) == []


def test_products_that_were_lost_wait_for_their_link_too() -> None:
    products = make_push(lane=Lane.PRODUCTS)
    claims.claim(lane=Lane.PRODUCTS)
    link = make_push(opportunity=products.opportunity)
    leases_run_out()

    assert claims.claim(lane=Lane.PRODUCTS) == []
    assert ids(claims.claim()) == [link.pk]


def test_products_do_not_wait_for_what_a_person_may_leave_for_ever() -> None:
    link = make_push(state=State.PARKED, reason=Reason.REJECTED_BY_SALESFORCE)
    products = make_push(opportunity=link.opportunity, lane=Lane.PRODUCTS)

    assert ids(claims.claim(lane=Lane.PRODUCTS)) == [products.pk]


def test_products_do_not_wait_for_the_second_look_at_a_link_that_was_in_step() -> None:
    later = Now() + timedelta(minutes=10)
    link = make_push(trigger="late_write", not_before=later, unsure_until=later)
    products = make_push(opportunity=link.opportunity, lane=Lane.PRODUCTS)

    assert ids(claims.claim(lane=Lane.PRODUCTS)) == [products.pk]


# --- Company -------------------------------------------------------------------------------------


@pytest.mark.parametrize("strikes", [4, 5, 9])
def test_who_was_struck_often_goes_alone(strikes: int) -> None:
    struck = make_push(strikes=strikes, struck_at=Now())
    healthy = [make_push() for _ in range(3)]

    first, second = claims.claim(), claims.claim()

    assert ids(first) == [struck.pk]
    assert first[0].strikes is not None
    assert first[0].strikes.count == strikes
    assert ids(second) == [push.pk for push in healthy]


def test_those_who_were_struck_equally_often_go_together() -> None:
    company = retry.company(3)
    struck = [make_push(strikes=3, struck_at=Now()) for _ in range(company + 1)]

    assert ids(claims.claim()) == [push.pk for push in struck[:company]]
    assert ids(claims.claim()) == [struck[-1].pk]


# --- Whoever is free ----------------------------------------------------------------------------


def test_a_click_does_not_wait_for_a_lost_push_that_may_not_go_itself() -> None:
    """The budget for work in bulk is used up, and its worker died."""
    push = make_push(urgency=Urgency.BULK)
    claims.claim()
    leases_run_out()
    click = make_push(opportunity=push.opportunity, urgency=Urgency.CLICK)

    (taken_over,) = claims.claim(urgencies=[Urgency.CLICK])

    assert taken_over.push_id == push.pk
    assert taken_over.lost_by is not None
    assert click.pk > push.pk


def test_one_that_is_free_is_found_behind_many_that_are_not() -> None:
    for _ in range(60):
        opportunity = make_opportunity()
        make_push(
            opportunity=opportunity,
            not_before=Now() + timedelta(minutes=8),
            reason=Reason.WILL_BE_RETRIED,
        )
        make_push(opportunity=opportunity, lane=Lane.PRODUCTS)
    free = make_push(lane=Lane.PRODUCTS)

    (claim,) = claims.claim(lane=Lane.PRODUCTS, limit=1)

    assert claim.push_id == free.pk
