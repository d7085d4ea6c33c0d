"""Link by hand and the conflict card: what the pages show is what then happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from console import jobs, roles
from console.actor import Actor
from console.admin.base import page_of
from console.flows import link_via_primary_quote
from console.models import Association, SyncLog
from syncrules.reasons import Reason, describe
from tests import builders
from tests.admin.pairing import button, link_page, text
from tests.facts import link_facts, pairing_facts, sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db


# --- Link by hand --------------------------------------------------------------------------------


def test_pasting_shows_both_records_the_ladder_and_the_button(operator: Client, pair: Pair) -> None:
    page = text(operator, link_page(pair.opportunity), record=pair.salesforce_id)

    assert "These two can be linked" in page
    assert "Prospecting" in page
    assert page.count("Passed") == 5
    assert "disabled" not in button(page, "Link these two")
    assert not Association.objects.exists()


@pytest.mark.parametrize(
    ("pasted", "note"),
    [
        ("{id}", "in any state of repair"),
        ("{id15}", "completed to 18"),
        ("{lower}", "have been repaired"),
        ("https://acme.my.salesforce.com/{id}", "taken from the address"),
    ],
)
def test_it_says_how_it_understood_what_was_pasted(
    operator: Client, pair: Pair, pasted: str, note: str
) -> None:
    record = pair.salesforce_id
    pasted = pasted.format(id=record, id15=record[:15], lower=record.lower())

    page = text(operator, link_page(pair.opportunity), record=pasted)

    assert note in page
    assert "These two can be linked" in page


@pytest.mark.parametrize("pasted", ["banana", "x" * 600, "001Qy00000000011AA", "<script>"])
def test_what_is_no_opportunity_is_answered_in_words(
    operator: Client, pair: Pair, pasted: str
) -> None:
    page = text(operator, link_page(pair.opportunity), record=pasted)

    assert 'aria-invalid="true"' in page
    assert "<script>" not in page.partition("<form")[2].partition("</form>")[0]
    assert "Link these two" not in page


def test_confirming_links_in_the_persons_name(operator: Client, pair: Pair) -> None:
    answer = operator.post(link_page(pair.opportunity), {"record": pair.salesforce_id}, follow=True)

    assert answer.redirect_chain[-1][0] == page_of(pair.opportunity)
    association = Association.objects.get()
    assert (association.linked_by, association.actor_name) == ("link_by_hand", "operator-person")
    assert "Linked:" in answer.content.decode()


def test_confirming_twice_links_once(operator: Client, pair: Pair) -> None:
    for _ in range(2):
        operator.post(link_page(pair.opportunity), {"record": pair.salesforce_id})

    assert Association.objects.count() == 1
    assert SyncLog.objects.count() == 2


def test_a_refusal_that_came_up_meanwhile_is_shown_with_its_card(
    operator: Client, pair: Pair
) -> None:
    other = builders.make_pairing(salesforce_id=pair.salesforce_id)

    answer = operator.post(link_page(pair.opportunity), {"record": pair.salesforce_id}, follow=True)

    page = answer.content.decode()
    assert "Nothing was changed" in page
    assert page_of(SyncLog.objects.get()) in page
    assert "Who is tied to whom" in page
    assert other.opportunity.mn_id in page
    assert "disabled" in button(page, "Link these two")


def test_when_salesforce_is_silent_nothing_can_be_confirmed(
    operator: Client, pair: Pair, org: Org
) -> None:
    org.break_with(path="query", action="status", status=503, times=None)

    page = text(operator, link_page(pair.opportunity), record=pair.salesforce_id)
    answer = operator.post(link_page(pair.opportunity), {"record": pair.salesforce_id}, follow=True)

    assert "Salesforce could not be read" in page
    assert "Link these two" not in page
    assert "Nothing was linked" in answer.content.decode()
    assert not Association.objects.exists()


def test_a_viewer_sees_the_verdict_and_a_closed_button(viewer: Client, pair: Pair) -> None:
    page = text(viewer, link_page(pair.opportunity), record=pair.salesforce_id)
    answer = viewer.post(link_page(pair.opportunity), {"record": pair.salesforce_id})

    assert "disabled" in button(page, "Link these two")
    assert "You need the right to link" in page
    assert answer.status_code == 403


# --- Conflict card -------------------------------------------------------------------------------


def test_a_log_entry_of_a_conflict_has_the_card_with_both_sides(operator: Client) -> None:
    wanted = builders.make_opportunity(name="Northwind expansion")
    standing = builders.make_pairing(opportunity=wanted, actor_name="Olga", linked_by="relink")
    facts = link_facts(
        opportunity=None,
        pairing_of_opportunity=pairing_facts(
            opportunity_mn_id=wanted.mn_id, salesforce_id=standing.salesforce_id, actor="Olga"
        ),
    )
    entry = builders.make_log_entry(facts, reason=Reason.CONFLICTING_ASSOCIATION)

    page = text(operator, page_of(entry))

    card = page.partition("Who is tied to whom")[2].partition("</section>")[0]
    for words in (
        "Northwind expansion",
        standing.salesforce_id,
        facts.salesforce_id,
        "Olga",
        "In force",
        "Unlink the old pair",
        "Keep what stands",
        "Open the other",
        f"{reverse('admin:console_relink', args=[wanted.pk])}?choice=unlink",
    ):
        assert words in card


def test_a_pair_that_was_ended_since_is_no_obstacle_any_more(operator: Client, pair: Pair) -> None:
    standing = builders.make_pairing(salesforce_id=pair.salesforce_id)
    entry = link_via_primary_quote.run(
        pair.salesforce_id, trigger="poll", actor=Actor.console("poll")
    )
    Association.objects.update(ended_at=standing.linked_at, ended_because="wrong")

    page = text(operator, page_of(entry))

    assert "Ended since" in page
    assert "Try again" in page
    assert "Unlink this pair" not in page


def test_an_mn_id_that_no_pair_speaks_of_is_pointed_out(
    operator: Client, pair: Pair, org: Org
) -> None:
    original = builders.make_opportunity(name="The original")
    org.add_opportunity(pair.salesforce_id, monetize__Id__c=original.mn_id)

    page = text(operator, link_page(pair.opportunity), record=pair.salesforce_id)

    assert "carries the MN id of" in page
    assert "The original" in page
    assert "cloned" in page


def test_every_other_entry_has_no_card(operator: Client) -> None:
    assert "Who is tied to whom" not in text(operator, page_of(builders.make_log_entry()))


# --- Half of a reassignment ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_half_a_reassignment_offers_both_ways_out(pair: Pair, org: Org) -> None:
    roles.ensure()
    operator = Client()
    operator.force_login(builders.make_user("olga", role=roles.OPERATOR))
    actor = Actor.console("poll")
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=actor)
    jobs.drain_outbound()
    org.add_opportunity(
        pair.salesforce_id,
        monetize__Id__c=None,
        monetize__PrimaryQuote__c=pair.quote_record,
    )
    entry = link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=actor)

    page = text(operator, page_of(entry))
    assert escape(describe(Reason.HALF_REASSIGNMENT).title) in page
    assert reverse("admin:console_relink", args=[pair.opportunity.pk]) in page
    assert "disabled" not in button(page, "Push again to restore it")

    operator.post(reverse("admin:console_opportunity_push", args=[pair.opportunity.pk]))
    jobs.drain_outbound()
    assert org.opportunity(pair.salesforce_id)["monetize__Id__c"] == pair.opportunity.mn_id


# --- Everybody -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["opportunity_link", "opportunity_primary", "relink"])
def test_the_pages_open_for_readers_only(
    viewer: Client, signed_in: Callable[[str], Client], pair: Pair, name: str
) -> None:
    address = reverse(f"admin:console_{name}", args=[pair.opportunity.pk])

    assert viewer.get(address).status_code == 200
    assert signed_in("stranger").get(address).status_code == 403
    assert signed_in("").get(address).status_code == 302
    assert viewer.get(reverse(f"admin:console_{name}", args=[999_999])).status_code == 404
    assert User.objects.filter(username="viewer-person").exists()


def test_an_unknown_record_is_told(operator: Client, pair: Pair) -> None:
    page = text(operator, link_page(pair.opportunity), record=sf_id())

    assert escape(describe(Reason.SALESFORCE_RECORD_GONE).title) in page
