"""Explain in a real browser: from the box to the answer, to a button, and to the new answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from console import roles
from console.models import Association
from syncrules.reasons import Reason, describe
from tests import builders
from tests.browser.conftest import SignIn
from tests.facts import link_facts
from tests.pair import Pair

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_a_pasted_address_to_the_link(pair: Pair, sign_in: SignIn, scheme: str) -> None:
    page = sign_in(roles.OPERATOR)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    address = f"https://acme.lightning.force.com/lightning/r/Opportunity/{pair.salesforce_id}/view"

    page.get_by_role("searchbox", name="Explain any id").fill(address)
    page.keyboard.press("Enter")

    linked = describe(Reason.LINKED)
    expect(page.get_by_role("heading", name=linked.title, level=2)).to_be_visible()
    expect(page.get_by_text("found in the pasted address")).to_be_visible()
    expect(page.get_by_text("Passed").first).to_be_visible()

    page.get_by_role("button", name="Link through its primary quote now").click()

    expect(page.get_by_text("Linked. Sync log entry")).to_be_visible()
    expect(page.get_by_role("heading", name=describe(Reason.PUSHED).title)).to_be_visible()
    expect(page.get_by_role("button", name="Push to Salesforce now")).to_be_enabled()
    assert Association.objects.get().salesforce_id == pair.salesforce_id


def test_a_viewer_reads_why_and_which_right_is_missing(pair: Pair, sign_in: SignIn) -> None:
    page = sign_in(roles.VIEWER)

    page.get_by_role("link", name="troubleshoot Explain").click()
    page.get_by_label("An id of either side").fill(pair.salesforce_id.lower())
    page.get_by_role("button", name="Explain").click()

    expect(page.get_by_text("was repaired")).to_be_visible()
    expect(page.get_by_role("button", name="Link through its primary quote now")).to_be_disabled()
    expect(page.get_by_text("You need the right to link and unlink")).to_be_visible()


def test_a_log_entry_leads_to_its_replay_and_to_now(
    pair: Pair, sign_in: SignIn, live_server: LiveServer
) -> None:
    facts = link_facts(quote=None)
    entry = builders.make_log_entry(facts, salesforce_id=pair.salesforce_id)
    page = sign_in(roles.VIEWER)

    page.goto(f"{live_server.url}/admin/console/synclog/{entry.pk}/change/")
    expect(page.get_by_text("would decide the same")).to_be_visible()
    page.get_by_role("link", name="Now", exact=False).last.click()

    expect(page.get_by_role("heading", name=describe(Reason.LINKED).title)).to_be_visible()


def test_nothing_found_says_what_can_be_asked(
    sign_in: SignIn, live_server: LiveServer, troubles: list[str]
) -> None:
    page = sign_in(roles.VIEWER)

    page.goto(f"{live_server.url}/admin/explain/?id=opp_unknown")

    expect(page.get_by_role("heading", name="Nothing is known by this id")).to_be_visible()
    expect(page.get_by_role("heading", name="What can be asked")).to_be_visible()
    assert all("404" in trouble for trouble in troubles)
    troubles.clear()
