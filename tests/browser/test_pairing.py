"""Pairing in a real browser: link by hand, a conflict, a change of partner with undo, a lock."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from console import jobs, roles
from console.actor import Actor
from console.admin.base import page_of
from console.flows import link_via_primary_quote
from console.models import Association, Quote, Relink
from tests import builders
from tests.facts import sf_id
from tests.org import Org
from tests.pair import Pair

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[[str], Page]


@pytest.fixture
def visit(page: Page, live_server: LiveServer) -> Visit:
    """Opens an address as an operator, who is signed in."""
    roles.ensure()  # a test with transactions leaves the tables empty
    builders.make_user("olga", role=roles.OPERATOR)
    page.goto(f"{live_server.url}/")
    page.get_by_label("Username").fill("olga")
    page.get_by_label("Password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()

    def open_page(address: str) -> Page:
        page.goto(live_server.url + address)
        return page

    return open_page


@pytest.fixture
def linked(pair: Pair) -> Pair:
    """Linked on both sides."""
    link_via_primary_quote.run(pair.salesforce_id, trigger="poll", actor=Actor.console("poll"))
    jobs.drain_outbound()
    return pair


def test_a_damaged_id_is_pasted_repaired_and_linked(visit: Visit, pair: Pair, org: Org) -> None:
    page = visit(page_of(pair.opportunity))

    page.get_by_role("link", name="Link by hand").click()
    page.get_by_label("Salesforce opportunity", exact=True).fill(pair.salesforce_id.lower())
    page.get_by_role("button", name="Show both records").click()
    expect(page.get_by_text("have been repaired")).to_be_visible()
    expect(page.get_by_role("heading", name="These two can be linked")).to_be_visible()
    page.get_by_role("button", name="Link these two").click()

    expect(page.get_by_text(f"Linked: {pair.opportunity.name}")).to_be_visible()
    jobs.drain_outbound()
    page.reload()
    expect(page.get_by_text("Written to Salesforce").first).to_be_visible()
    assert Association.objects.get().salesforce_id == pair.salesforce_id
    assert org.opportunity(pair.salesforce_id)["monetize__Id__c"] == pair.opportunity.mn_id


def test_a_conflict_shows_who_is_tied_to_whom_and_leads_to_the_wizard(
    visit: Visit, linked: Pair
) -> None:
    newcomer = builders.make_quote(opportunity=builders.make_opportunity(name="Newcomer"))
    assert newcomer.opportunity is not None
    page = visit(page_of(newcomer.opportunity))

    page.get_by_role("link", name="Link by hand").click()
    page.get_by_label("Salesforce opportunity", exact=True).fill(linked.salesforce_id)
    page.get_by_role("button", name="Show both records").click()

    card = page.locator("section", has=page.get_by_role("heading", name="Who is tied to whom"))
    expect(card.get_by_text("Asked for, refused")).to_be_visible()
    expect(card.get_by_text("In force")).to_be_visible()
    expect(card.get_by_text("Link via primary quote, console (poll)")).to_be_visible()
    expect(page.get_by_role("button", name="Link these two")).to_be_disabled()

    card.get_by_role("link", name="Unlink this pair").click()

    expect(page.get_by_role("radio", name="Unlink")).to_be_checked()
    expect(page.locator("h2.c-headline")).to_contain_text(linked.opportunity.name)


def test_a_change_of_partner_is_planned_carried_out_watched_and_undone(
    visit: Visit, linked: Pair, org: Org
) -> None:
    elsewhere = sf_id()
    org.add_opportunity(elsewhere, Name="Northwind renewal")
    page = visit(page_of(linked.opportunity))

    page.get_by_role("link", name="Unlink or change partner").click()
    page.get_by_role("radio", name="Give it another partner").check()
    page.get_by_label("New partner").fill(f"https://acme.my.salesforce.com/{elsewhere}")
    page.get_by_label("Why does the partner change?").fill("Merged with the renewal")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.get_by_text("monetize__Id__c is emptied.")).to_be_visible()
    expect(page.get_by_text("monetize__Id__c is filled.")).to_be_visible()
    page.get_by_role("button", name="Change the partner").click()

    expect(page.get_by_role("status")).to_contain_text("Waiting for Salesforce")
    jobs.drain_outbound()
    expect(page.get_by_role("status")).to_have_text("Done")  # it has looked again by itself
    assert org.opportunity(elsewhere)["monetize__Id__c"] == linked.opportunity.mn_id
    assert org.opportunity(linked.salesforce_id)["monetize__Id__c"] is None

    page.get_by_role("button", name="Undo this change").click()
    expect(page.get_by_text("undo of change").first).to_be_visible()
    jobs.drain_outbound()
    expect(page.get_by_role("status")).to_have_text("Done")

    assert org.opportunity(linked.salesforce_id)["monetize__Id__c"] == linked.opportunity.mn_id
    assert org.opportunity(elsewhere)["monetize__Id__c"] is None
    assert Relink.objects.earliest("pk").state == Relink.State.UNDONE


def test_a_proposal_is_accepted_and_a_signature_locks_the_choice(
    visit: Visit, linked: Pair, org: Org
) -> None:
    sent, record = builders.make_quote(opportunity=linked.opportunity, status="SENT"), sf_id("a0B")
    org.add_quote(record, sent.mn_id)
    page = visit(page_of(linked.opportunity))

    page.get_by_role("link", name="Choose primary quote").click()
    expect(page.get_by_role("heading", name=f"Proposed: {sent.mn_id}")).to_be_visible()
    page.get_by_role("link", name="Look at the proposal").click()
    page.get_by_role("button", name="Accept the proposal").click()
    expect(page.get_by_text(f"Primary quote set: {sent.mn_id}")).to_be_visible()
    jobs.drain_outbound()
    assert org.opportunity(linked.salesforce_id)["monetize__PrimaryQuote__c"] == record

    Quote.objects.filter(pk=sent.pk).update(status="ACCEPTED")
    page.reload()

    choose = page.get_by_role("button", name="Choose primary quote")
    expect(choose).to_be_disabled()
    passport = page.locator("form", has=choose)
    passport.get_by_text("Lock passport").click()
    expect(passport.get_by_text("Can it be lifted?")).to_be_visible()
    expect(passport.get_by_role("link", name=sent.mn_id)).to_be_visible()
    page.get_by_role("link", name="Which can be primary?").click()
    expect(page.get_by_role("link", name="Choose quote_")).to_have_count(0)
    expect(page.locator(".c-badge", has_text="Locked")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_pairing_under_the_policy_in_light_and_dark(
    visit: Visit, linked: Pair, scheme: str
) -> None:
    """Whatever the browser complains about fails the test."""
    page = visit(page_of(linked.opportunity))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    own = f"/admin/console/opportunity/{linked.opportunity.pk}"

    for address in (
        f"{own}/link/?record={linked.salesforce_id}",
        f"{own}/primary/",
        f"{own}/primary/?quote={linked.quote.mn_id}",
        f"{own}/relink/",
        f"{own}/relink/?choice=unlink&record=&why=wrong",
    ):
        visit(address)
        expect(page.locator("h2.c-headline")).to_be_visible()
