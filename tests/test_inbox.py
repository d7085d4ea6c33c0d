"""The inbox: an event is kept once, acted upon by one, and given back when it could not be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from console import inbox
from console.models import InboundEvent
from console.models.inbound_event import InboundState
from tests.builders import make_event, make_log_entry
from tests.facts import NOON, sf_id

pytestmark = pytest.mark.django_db
State = InboundEvent.State
LATER = NOON + timedelta(minutes=1)


def receive(*, event_id: str = "msg-1", sender: str = "crm") -> tuple[InboundEvent, bool]:
    return inbox.receive(
        sender=sender,
        event_id=event_id,
        salesforce_id=sf_id(),
        modified_at=NOON,
        payload={"Name": "Northwind"},
    )


# --- Keeping -------------------------------------------------------------------------------------


def test_the_same_event_again_is_counted_and_not_kept_twice() -> None:
    first, is_new = receive()
    repeats = [receive() for _ in range(3)]

    assert is_new
    assert not any(is_new for _, is_new in repeats)
    assert {event.pk for event, _ in repeats} == {first.pk}
    assert InboundEvent.objects.get().repeats == 3


def test_the_same_id_of_another_sender_is_another_event() -> None:
    receive(sender="crm")
    _, is_new = receive(sender="warehouse")

    assert is_new
    assert InboundEvent.objects.count() == 2


def test_a_refused_call_does_not_use_up_its_id() -> None:
    inbox.refuse(sender="crm", refusal="bad_signature: The signature does not fit the call.")
    inbox.refuse(sender="crm", refusal="bad_signature: The signature does not fit the call.")

    _, is_new = receive()

    assert is_new
    assert InboundEvent.objects.filter(state=State.REFUSED).count() == 2


def test_a_refusal_is_cut_to_what_the_columns_hold() -> None:
    inbox.refuse(sender="x" * 500, refusal="y" * 5000)

    kept = InboundEvent.objects.get()
    assert (len(kept.sender), len(kept.refusal)) == (80, 500)


def test_a_refusal_that_quotes_what_cannot_be_stored_is_kept_all_the_same() -> None:
    inbox.refuse(sender="crm\x00", refusal="invalid: a\x00b\ud800: This field is not known here")

    kept = InboundEvent.objects.get()
    assert (kept.sender, kept.refusal) == ("crm?", "invalid: a?b?: This field is not known here")


def test_a_version_that_is_polled_again_stays_one_event() -> None:
    salesforce_id = sf_id()

    inbox.receive_polled([(salesforce_id, NOON)])
    inbox.receive_polled([(salesforce_id, NOON), (salesforce_id, LATER)])

    versions = InboundEvent.objects.order_by("id").values_list("modified_at", flat=True)
    assert list(versions) == [NOON, LATER]


# --- Acting --------------------------------------------------------------------------------------


def test_what_somebody_acts_upon_is_not_handed_out_again() -> None:
    events = [make_event() for _ in range(3)]

    first, second = inbox.claim(limit=2), inbox.claim(limit=2)

    assert [each.pk for each in first + second] == [each.pk for each in events]
    assert len(first) == 2


def test_one_event_can_be_asked_for() -> None:
    make_event()
    wanted = make_event()

    assert inbox.claim(limit=1, event_id=wanted.pk) == [wanted]
    assert inbox.claim(limit=1, event_id=wanted.pk) == []


def test_a_claim_whose_owner_vanished_is_free_after_a_while() -> None:
    event = make_event(claimed_until=Now() - timedelta(seconds=1))

    assert inbox.claim(limit=1) == [event]


def test_a_claim_that_is_given_back_is_free_at_once() -> None:
    event = make_event()
    inbox.claim(limit=1)

    inbox.give_back([event.pk])

    assert inbox.claim(limit=1) == [event]


def test_a_finished_event_names_its_log_entry_and_is_not_given_back() -> None:
    event, entry = make_event(), make_log_entry()

    inbox.finish(event.pk, entry)
    inbox.give_back([event.pk])

    event.refresh_from_db()
    assert (event.state, event.log_entry) == (State.PROCESSED, entry.pk)
    assert event.processed_at is not None
    assert inbox.claim(limit=1) == []


@pytest.mark.parametrize("state", [State.STALE, State.ECHO])
def test_an_event_that_needs_no_attempt_is_closed(state: InboundState) -> None:
    event = make_event()

    inbox.close([event.pk], state=state)

    event.refresh_from_db()
    assert (event.state, event.log_entry) == (state, None)
    assert inbox.claim(limit=1) == []


def test_old_news_is_what_comes_after_a_later_version_was_acted_upon() -> None:
    later = make_event(modified_at=LATER)
    earlier = make_event(salesforce_id=later.salesforce_id, modified_at=NOON)
    of_another = make_event(modified_at=NOON)
    assert not inbox.newer_seen(earlier)  # received is not acted upon

    inbox.finish(later.pk, make_log_entry())

    assert inbox.newer_seen(earlier)
    assert not inbox.newer_seen(later)
    assert not inbox.newer_seen(of_another)


def test_an_event_without_a_time_is_never_old_news() -> None:
    later = make_event(modified_at=LATER)
    inbox.finish(later.pk, make_log_entry())

    assert not inbox.newer_seen(make_event(salesforce_id=later.salesforce_id, modified_at=None))
