"""The wizard: chosen, planned for both sides, confirmed, shown step by step, and undone."""

from __future__ import annotations

from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from console import jobs
from console.actor import Actor
from console.admin.base import page_of
from console.flows import link_via_primary_quote, relink
from console.models import Association, Relink, SyncLog
from syncrules.reasons import Reason, describe
from tests import builders
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def linked(pair: Pair) -> Pair:
    """Linked on both sides."""
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=Actor.console("poll"))
    jobs.drain_outbound()
    return pair


def address(pair: Pair) -> str:
    return reverse("admin:console_relink", args=[pair.opportunity.pk])


def plan(client: Client, pair: Pair, **wish: str) -> str:
    wish = {"choice": "unlink", "record": "", "why": "wrong customer", **wish}
    answer = client.get(address(pair), wish)
    assert answer.status_code == 200
    return answer.content.decode()


def confirm(client: Client, pair: Pair, **wish: str) -> HttpResponse:
    wish = {"choice": "unlink", "record": "", "why": "wrong customer", **wish}
    return cast("HttpResponse", client.post(address(pair), wish, follow=True))


def result(client: Client, change: Relink) -> str:
    page = client.get(reverse("admin:console_relink_result", args=[change.pk]))
    assert page.status_code == 200
    return page.content.decode()


def undo(client: Client, change: Relink) -> str:
    page = client.post(reverse("admin:console_relink_undo", args=[change.pk]), follow=True)
    return page.content.decode()


def test_the_plan_shows_both_sides_and_changes_nothing(operator: Client, linked: Pair) -> None:
    page = plan(operator, linked)

    assert "The pair can be ended" in page
    assert "monetize__Id__c is emptied" in page
    assert "monetize__PrimaryQuote__c is emptied" in page
    assert "Our pair with this record ends" in page
    assert page.count("lock_open") == 2
    assert Association.objects.get().ended_at is None


def test_the_plan_of_a_new_partner_fills_its_fields(
    operator: Client, linked: Pair, org: Org
) -> None:
    elsewhere = sf_id()
    org.add_opportunity(elsewhere, Name="Northwind renewal")

    page = plan(operator, linked, choice="relink", record=elsewhere.lower())

    assert "The partner can be changed" in page
    assert "have been repaired" in page
    assert "monetize__Id__c is filled" in page
    assert "monetize__PrimaryQuote__c is filled" in page
    assert "Northwind renewal" in page


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"why": " "}, "Say in a few words"),
        ({"why": "x" * 501}, "at most 500"),
        ({"choice": "relink"}, "Paste the Salesforce opportunity"),
        ({"choice": "relink", "record": "banana"}, "Not a Salesforce opportunity"),
        ({"choice": "divorce"}, "Choose whether"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_planned(
    operator: Client, linked: Pair, wish: dict[str, str], problem: str
) -> None:
    assert problem in plan(operator, linked, **wish)
    assert problem in confirm(operator, linked, **wish).content.decode()
    assert not Relink.objects.exists()


def test_an_unlink_is_confirmed_carried_out_and_shown_step_by_step(
    operator: Client, linked: Pair, org: Org
) -> None:
    waiting = confirm(operator, linked).content.decode()
    change = Relink.objects.get()
    assert change.actor_name == "operator-person"
    assert "Waiting for Salesforce" in waiting
    assert '<meta http-equiv="refresh" content="2">' in waiting
    assert "Salesforce empties the link fields" in waiting

    jobs.drain_outbound()

    done = result(operator, change)
    assert "http-equiv" not in done
    assert "Undo this change" in done
    assert org.opportunity(linked.salesforce_id)["monetize__Id__c"] is None
    assert "Unlinked" in operator.get(page_of(linked.opportunity)).content.decode()


def test_an_undo_puts_both_sides_back_and_then_is_history(
    operator: Client, linked: Pair, org: Org
) -> None:
    confirm(operator, linked)
    jobs.drain_outbound()
    change = Relink.objects.get()

    page = undo(operator, change)
    jobs.drain_outbound()

    assert "Paired with another record" in page
    assert org.opportunity(linked.salesforce_id)["monetize__Id__c"] == linked.opportunity.mn_id
    assert "nothing to undo" in result(operator, change)
    assert "It cannot be undone" in undo(operator, change)


def test_while_salesforce_has_not_answered_there_is_nothing_to_undo(
    operator: Client, linked: Pair
) -> None:
    confirm(operator, linked)
    change = Relink.objects.get()

    assert "Undo this change" not in result(operator, change)
    assert "waiting for Salesforce" in undo(operator, change)


def test_a_refusal_by_salesforce_is_shown_with_its_words(
    operator: Client, linked: Pair, org: Org
) -> None:
    org.break_with(
        action="record_error",
        record_id=linked.salesforce_id,
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        message="The MN id may not be removed",
        times=None,
    )

    confirm(operator, linked)
    jobs.drain_outbound()

    page = result(operator, Relink.objects.get())
    assert "Taken back" in page
    assert "The MN id may not be removed" in page


def test_a_locked_deal_is_refused_with_its_passport(operator: Client, linked: Pair) -> None:
    linked.opportunity.status = "WON"
    linked.opportunity.save(update_fields=["status"])

    page = plan(operator, linked)
    told = confirm(operator, linked).content.decode()

    assert "disabled" in page
    assert "keeps its pair and its primary quote" in page
    assert escape(describe(Reason.ENTITY_FINALIZED).title) in told
    assert Association.objects.get().ended_at is None


def test_a_record_closed_in_salesforce_has_a_passport_too(
    operator: Client, linked: Pair, org: Org
) -> None:
    closed = sf_id()
    org.add_opportunity(closed, Name="Long gone", StageName="Closed Lost")

    page = plan(operator, linked, choice="relink", record=closed)

    assert "Long gone is closed in Salesforce (Closed Lost)" in page
    assert "Yes, in Salesforce" in page


def test_a_record_of_somebody_else_shows_the_conflict_card(
    operator: Client, linked: Pair, org: Org
) -> None:
    taken = sf_id()
    org.add_opportunity(taken)
    builders.make_pairing(
        opportunity=builders.make_opportunity(name="Somebody else"), salesforce_id=taken
    )

    page = plan(operator, linked, choice="relink", record=taken)

    assert "Who is tied to whom" in page
    assert "Somebody else" in page


def test_a_plan_that_was_overtaken_is_not_carried_out(
    operator: Client, linked: Pair, org: Org
) -> None:
    elsewhere = sf_id()
    org.add_opportunity(elsewhere)
    seen = linked.salesforce_id
    relink.run(
        linked.opportunity.pk,
        target=elsewhere,
        reason_text="quicker",
        trigger="relink_page",
        actor=Actor(name="olga"),
    )

    page = confirm(operator, linked, **{"from": seen}).content.decode()

    assert "changed by somebody else" in page
    assert Relink.objects.count() == 1


def test_when_salesforce_is_silent_there_is_no_plan(
    operator: Client, linked: Pair, org: Org
) -> None:
    org.break_with(path="query", action="status", status=503, times=None)

    assert "Salesforce could not be read" in plan(operator, linked)
    assert "Nothing was changed" in confirm(operator, linked).content.decode()
    assert not Relink.objects.exists()


def test_without_a_pair_the_way_leads_to_linking(operator: Client, pair: Pair) -> None:
    page = operator.get(address(pair)).content.decode()

    assert "It is not linked" in page
    assert reverse("admin:console_opportunity_link", args=[pair.opportunity.pk]) in page


def test_a_viewer_may_look_and_not_touch(viewer: Client, linked: Pair) -> None:
    page = plan(viewer, linked)
    entries = SyncLog.objects.count()

    assert "disabled" in page
    assert confirm(viewer, linked).status_code == 403
    assert SyncLog.objects.count() == entries


def test_an_undo_wants_the_right_and_a_post(viewer: Client, linked: Pair) -> None:
    relink.run(
        linked.opportunity.pk,
        target=None,
        reason_text="wrong",
        trigger="relink_page",
        actor=Actor(name="olga"),
    )
    jobs.drain_outbound()
    change = Relink.objects.get()
    address = reverse("admin:console_relink_undo", args=[change.pk])

    assert viewer.get(address).status_code == 405
    assert viewer.post(address).status_code == 403
    assert "You need the right to link" in result(viewer, change)
    assert viewer.get(reverse("admin:console_relink_result", args=[9_999])).status_code == 404
