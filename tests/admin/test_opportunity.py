"""An opportunity's page: both sides, its story, and a button that asks for exactly one push."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from console import roles
from console.admin.base import list_of, page_of
from console.models import Drift, Opportunity, OutboundPush, Quote
from syncrules.drift import DriftField
from syncrules.facts import MN_ID_FIELD, WriteFact
from tests import builders
from tests.admin.reading import text
from tests.facts import local_opportunity, push_facts, remote_opportunity


def test_both_sides_of_the_pair_are_shown_with_who_linked_them(viewer: Client) -> None:
    opportunity = builders.make_quote(is_primary=True).opportunity
    assert opportunity is not None
    pair = builders.make_pairing(opportunity=opportunity, actor_name="Olga")
    builders.make_log_entry(
        push_facts(remote=remote_opportunity(name="Northwind in Salesforce", mn_id=None)),
        opportunity=opportunity,
    )

    page = viewer.get(page_of(opportunity)).content.decode()

    assert pair.salesforce_id in page
    assert "Link via primary quote, Olga" in page
    assert "Northwind in Salesforce" in page
    assert "Not there yet" in page


def test_what_a_push_wrote_counts_as_read(viewer: Client) -> None:
    opportunity = builders.make_opportunity()
    facts = push_facts(
        opportunity=local_opportunity(mn_id=opportunity.mn_id, primary_quote_mn_id=None),
        write=WriteFact(
            sent={MN_ID_FIELD: opportunity.mn_id}, found={MN_ID_FIELD: opportunity.mn_id}
        ),
    )
    builders.make_log_entry(facts, opportunity=opportunity)

    page = viewer.get(page_of(opportunity)).content.decode()

    assert "In step" in page
    assert "Not there yet" not in page


def test_an_ended_pair_stays_as_history(viewer: Client) -> None:
    opportunity = builders.make_opportunity()
    old = builders.make_pairing(
        opportunity=opportunity, ended_at=timezone.now(), ended_because="Wrong customer"
    )

    page = viewer.get(page_of(opportunity)).content.decode()

    assert "Not linked" in page
    assert old.salesforce_id in page
    assert "Wrong customer" in page


def test_a_record_that_it_was_parted_from_is_not_shown_as_its_other_side(viewer: Client) -> None:
    opportunity = builders.make_opportunity()
    former = builders.make_pairing(
        opportunity=opportunity, ended_at=timezone.now(), ended_because="Wrong customer"
    )
    remote = remote_opportunity(
        salesforce_id=former.salesforce_id, name="The former one", mn_id=opportunity.mn_id
    )
    builders.make_log_entry(push_facts(remote=remote), opportunity=opportunity)

    page = viewer.get(page_of(opportunity)).content.decode()

    assert "The former one" not in page
    assert "In step" not in page


def test_what_the_latest_comparison_found_apart_is_one_link_away(viewer: Client) -> None:
    opportunity = builders.make_opportunity()
    builders.make_drift(opportunity=opportunity)
    builders.make_drift(opportunity=opportunity, field=DriftField.LINK)
    elsewhere = builders.make_opportunity()

    page = viewer.get(page_of(opportunity)).content.decode()

    assert "2 differences found" in page
    assert list_of(Drift, f"q={opportunity.mn_id}") in page
    assert "found" not in text(viewer.get(page_of(elsewhere)))


def test_a_page_takes_the_same_few_queries_however_much_has_happened(viewer: Client) -> None:
    quote = builders.make_quote(is_primary=True)
    opportunity = quote.opportunity
    assert opportunity is not None
    for _ in range(6):
        builders.make_log_entry(push_facts(), opportunity=opportunity)
        builders.make_quote(opportunity=opportunity)
        builders.make_push(opportunity=opportunity, state=OutboundPush.State.SENT)

    with CaptureQueriesContext(connection) as queries:
        viewer.get(page_of(opportunity))

    # Signed in: 4. The row, its primary quote's readers, pairs, entries, last read, connection,
    # groups twice, quotes, hidden, pushes, drift, changes of partner.
    assert len(queries) == 4 + 13


@pytest.mark.django_db(transaction=True)
def test_pressing_the_button_asks_for_exactly_one_push(operator: Client) -> None:
    opportunity = builders.make_opportunity()
    button = reverse("admin:console_opportunity_push", args=[opportunity.pk])

    first = operator.post(button, follow=True)
    operator.post(button)

    push = OutboundPush.objects.get()
    assert (push.opportunity, push.trigger, push.requests) == (opportunity, "push_button", 2)
    assert push.actor_name == "operator-person"
    assert "The push is on its way" in first.content.decode()


def test_the_button_of_a_vanished_opportunity_is_not_found(operator: Client) -> None:
    button = reverse("admin:console_opportunity_push", args=[999_999])

    assert operator.post(button).status_code == 404


def test_link_states_can_be_told_apart_and_filtered(viewer: Client) -> None:
    linked = builders.make_pairing(opportunity=builders.make_opportunity(name="Is linked"))
    waiting = builders.make_pairing(opportunity=builders.make_opportunity(name="Is waiting"))
    builders.make_push(opportunity=waiting.opportunity)
    builders.make_opportunity(name="Is alone")

    assert _names(viewer, "link=yes") == {"Is linked", "Is waiting"}
    assert _names(viewer, "link=waiting") == {"Is waiting"}
    assert _names(viewer, "link=no") == {"Is alone"}
    assert _names(viewer, f"q={linked.salesforce_id[:15]}") == {"Is linked"}
    page = viewer.get(list_of(Opportunity)).content.decode()
    assert page.count("Linked, push waiting</span>") == 1


def test_a_restricted_quote_is_shown_to_its_readers_only(viewer: Client, operator: Client) -> None:
    quote = builders.make_quote(description="Confidential terms")
    quote.readers.add(Group.objects.get(name=roles.OPERATOR))

    assert viewer.get(page_of(quote)).status_code == 404
    assert operator.get(page_of(quote)).status_code == 200
    for address in (page_of(quote.opportunity), list_of(Quote), _palette("confidential")):  # type: ignore[arg-type]
        assert "Confidential terms" not in viewer.get(address).content.decode()
        assert "Confidential terms" in operator.get(address).content.decode()


def test_push_again_takes_what_is_set_aside_or_held_and_nothing_else(operator: Client) -> None:
    states = OutboundPush.State
    pushes = {state: builders.make_push(state=state) for state in (states.PARKED, states.HELD)}
    later = timezone.now() + timedelta(hours=1)
    queued = builders.make_push(not_before=later)
    sent = builders.make_push(state=states.SENT)

    answer = operator.post(
        list_of(OutboundPush, "state=all"),
        {
            "action": "push_again",
            "_selected_action": [p.pk for p in (*pushes.values(), queued, sent)],
        },
        follow=True,
    )

    assert "2 pushes go out now." in answer.content.decode()
    for push in pushes.values():
        push.refresh_from_db()
        assert push.state == states.QUEUED
    queued.refresh_from_db()
    sent.refresh_from_db()
    assert queued.not_before == later
    assert sent.state == states.SENT


def test_a_viewer_is_not_offered_push_again_and_cannot_force_it(viewer: Client) -> None:
    push = builders.make_push(state=OutboundPush.State.PARKED)

    page = viewer.get(list_of(OutboundPush)).content.decode()
    viewer.post(
        list_of(OutboundPush), {"action": "push_again", "_selected_action": [push.pk]}, follow=True
    )

    assert "Push again" not in page
    push.refresh_from_db()
    assert push.state == OutboundPush.State.PARKED


def test_the_work_queue_opens_with_what_is_still_open(viewer: Client) -> None:
    builders.make_push(
        opportunity=builders.make_opportunity(name="Went out"), state=OutboundPush.State.SENT
    )
    builders.make_push(opportunity=builders.make_opportunity(name="Waits"))

    page = viewer.get(list_of(OutboundPush)).content.decode()

    assert "Waits" in page
    assert "Went out" not in page
    assert "Went out" in viewer.get(list_of(OutboundPush, "state=all")).content.decode()


def _names(client: Client, query: str) -> set[str]:
    page = client.get(list_of(Opportunity, query)).content.decode()
    return {name for name in ("Is linked", "Is waiting", "Is alone") if name in page}


def _palette(term: str) -> str:
    return f"{reverse('admin:search')}?extended=1&s={term}"
