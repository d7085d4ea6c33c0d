"""The outbox: ten edits are one push, a claim has one owner, and the doorbell is only a bell."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from django.db import transaction
from django.db.models.functions import Now

from console import claims, endings, outbox
from console.actor import Actor
from console.endings import Ending
from console.models import Opportunity, OutboundPush
from syncrules.reasons import Reason
from tests.builders import make_opportunity, make_push

pytestmark = pytest.mark.django_db
State = OutboundPush.State
VERA, WIM = Actor(name="vera"), Actor(name="wim")
SENT = Ending(State.SENT, Reason.PUSHED)

T = TypeVar("T")


def request(
    opportunity: Opportunity, *, trigger: str = "edit", actor: Actor = VERA
) -> OutboundPush:
    return outbox.request_push(opportunity_id=opportunity.pk, trigger=trigger, actor=actor)


def claim_one(**how: timedelta) -> claims.Claim:
    (claim,) = claims.claim(**how)  # type: ignore[arg-type]
    return claim


def finish(claim: claims.Claim, ending: Ending) -> bool:
    """Whether the ending was recorded."""
    return endings.finish([(claim, ending)]) == {claim.push_id}


def states(opportunity: Opportunity) -> list[str]:
    return [push.state for push in opportunity.pushes.order_by("id")]


# --- Asking for a push ---------------------------------------------------------------------------


def test_ten_requests_are_one_push_which_remembers_the_last() -> None:
    opportunity = make_opportunity()

    for _ in range(9):
        request(opportunity)
    request(opportunity, trigger="linked", actor=WIM)

    push = OutboundPush.objects.get()
    assert (push.state, push.requests) == (State.QUEUED, 10)
    assert (push.trigger, push.actor_name) == ("linked", "wim")


def test_a_request_during_a_push_waits_for_the_next() -> None:
    opportunity = make_opportunity()
    request(opportunity)
    under_way = claim_one()

    request(opportunity)

    assert states(opportunity) == [State.SENDING, State.QUEUED]
    assert claims.claim() == []  # one at a time
    finish(under_way, SENT)
    assert claim_one().push_id != under_way.push_id


def test_a_request_tries_a_push_that_was_set_aside_afresh() -> None:
    opportunity = make_opportunity()
    make_push(opportunity=opportunity, state=State.PARKED, attempts=8)

    push = request(opportunity)

    assert (push.state, push.attempts, push.requests) == (State.QUEUED, 0, 2)


def test_a_request_leaves_a_held_push_held() -> None:
    """It would meet the same dead connection."""
    opportunity = make_opportunity()
    make_push(opportunity=opportunity, state=State.HELD)

    assert request(opportunity).state == State.HELD


def test_the_fifty_latest_edits_are_listed() -> None:
    opportunity = make_opportunity()

    for number in range(52):
        request(opportunity, trigger=f"edit {number}")

    push = OutboundPush.objects.get()
    assert [edit["trigger"] for edit in push.covers] == [f"edit {each}" for each in range(2, 52)]
    assert {edit["by"] for edit in push.covers} == {"vera"}
    assert push.requests == 52
    (now,) = OutboundPush.objects.annotate(now=Now()).values_list("now", flat=True)
    assert datetime.fromisoformat(push.covers[-1]["at"]) <= now


def test_many_requests_are_one_query_whether_they_join_or_not(
    django_assert_num_queries: Any,
) -> None:
    waiting = [make_push(opportunity=make_opportunity()) for _ in range(3)]
    wanted = [*(push.opportunity_id for push in waiting), make_opportunity().pk]

    with django_assert_num_queries(1):
        outbox.request_many(dict.fromkeys(wanted, ("edit", "vera", 1)), lane=OutboundPush.Lane.LINK)

    found = OutboundPush.objects.order_by("pk").values_list("opportunity_id", "requests")
    assert list(found) == list(zip(wanted, [2, 2, 2, 1], strict=True))


def test_an_edit_of_what_took_its_neighbours_along_goes_alone() -> None:
    opportunity = make_opportunity()
    make_push(opportunity=opportunity, state=State.PARKED, strikes=5, struck_at=Now())
    make_push()

    request(opportunity)

    assert {len(claims.claim()) for _ in range(2)} == {1}


def test_only_a_person_who_says_push_again_forgives() -> None:
    parked = make_push(state=State.PARKED, strikes=5, struck_at=Now())
    make_push()

    outbox.retry([parked.pk], actor=WIM)

    assert len(claims.claim()) == 2


def test_a_request_that_is_rolled_back_leaves_nothing() -> None:
    opportunity = make_opportunity()

    with transaction.atomic():
        request(opportunity)
        transaction.set_rollback(True)

    assert not OutboundPush.objects.exists()


# --- Who may send it -----------------------------------------------------------------------------


def test_a_push_that_is_not_due_is_not_handed_out() -> None:
    make_push(not_before=Now() + timedelta(minutes=1))

    assert claims.claim() == []
    assert outbox.due_count() == 0


def test_what_is_due_is_handed_out_oldest_first_and_up_to_the_limit() -> None:
    pushes = [make_push() for _ in range(3)]

    first, second = claims.claim(limit=2), claims.claim(limit=2)

    assert [claim.push_id for claim in first + second] == [push.pk for push in pushes]
    assert len(first) == 2


def test_a_lease_that_ran_out_is_taken_over_and_the_first_owner_is_too_late() -> None:
    opportunity = make_opportunity()
    request(opportunity)
    stale = claim_one(lease=timedelta(seconds=-1))
    assert outbox.due_count() == 1

    taken_over = claim_one()

    assert taken_over.fence == stale.fence + 1
    assert not finish(stale, Ending(State.PARKED, Reason.UNEXPECTED_ERROR))
    assert states(opportunity) == [State.SENDING]
    assert finish(taken_over, SENT)
    assert not finish(taken_over, SENT)


def test_a_lease_in_force_is_respected() -> None:
    make_push()
    claims.claim()

    assert claims.claim() == []
    assert outbox.due_count() == 0


# --- How it ends ---------------------------------------------------------------------------------


def test_a_push_that_ends_is_finished_and_in_nobodys_hands() -> None:
    opportunity = make_opportunity()
    request(opportunity)

    finish(claim_one(), Ending(State.SENT, Reason.PUSHED))

    push = opportunity.pushes.get()
    assert (push.state, push.reason, push.lease_until) == (State.SENT, Reason.PUSHED, None)
    assert push.finished_at is not None


def test_a_retry_waits_for_its_delay_and_counts_the_attempt() -> None:
    request(make_opportunity())
    again = Ending(
        State.QUEUED,
        Reason.WILL_BE_RETRIED,
        detail="UNABLE_TO_LOCK_ROW",
        delay=timedelta(minutes=1),
        burns_attempt=True,
    )

    finish(claim_one(), again)

    push = OutboundPush.objects.get()
    assert (push.state, push.attempts, push.detail) == (State.QUEUED, 1, "UNABLE_TO_LOCK_ROW")
    assert push.finished_at is None
    assert claims.claim() == []


@pytest.mark.parametrize("state", OutboundPush.WAITING)
def test_a_push_that_would_wait_is_superseded_by_a_newer_one(state: str) -> None:
    opportunity = make_opportunity()
    request(opportunity)
    under_way = claim_one()
    request(opportunity)

    finish(under_way, Ending(State(state), Reason.WILL_BE_RETRIED))

    assert states(opportunity) == [State.SUPERSEDED, State.QUEUED]


def test_held_pushes_go_out_when_the_connection_is_back() -> None:
    make_push(state=State.HELD)
    later = make_push(state=State.HELD, not_before=Now() + timedelta(hours=1))

    assert outbox.release_held() == 2

    assert len(claims.claim()) == 2
    later.refresh_from_db()
    assert later.state == State.SENDING


def test_of_what_is_held_a_few_go_first_links_before_products() -> None:
    products = make_push(state=State.HELD, lane="products", urgency=OutboundPush.Urgency.CLICK)
    links = [make_push(state=State.HELD) for _ in range(2)]

    assert outbox.release_held(at_most=1) == 1
    assert claim_one().push_id == links[0].pk
    assert outbox.release_held(at_most=1) == 1
    assert claim_one().push_id == links[1].pk

    products.refresh_from_db()
    assert products.state == State.HELD


def test_retry_sends_what_waits_and_leaves_the_rest_alone() -> None:
    parked = make_push(state=State.PARKED, attempts=8)
    held = make_push(state=State.HELD)
    sent = make_push(state=State.SENT)

    assert outbox.retry([parked.pk, held.pk, sent.pk], actor=WIM) == 2

    parked.refresh_from_db()
    assert (parked.state, parked.attempts) == (State.QUEUED, 0)
    assert (parked.trigger, parked.actor_name) == ("push_again", "wim")
    assert {claim.push_id for claim in claims.claim()} == {parked.pk, held.pk}
