"""The pages in a real browser: every one under the content policy, in light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from console import roles
from console.admin.base import list_of, page_of
from console.models import OutboundPush, SyncLog
from syncrules.reasons import Reason, describe
from tests import builders
from tests.admin.book import FOR_ADMINISTRATORS, FOR_EVERYBODY, make_book
from tests.browser.conftest import SignIn
from tests.facts import link_facts, pairing_facts

pytestmark = pytest.mark.django_db(transaction=True)


def test_signing_in_and_reading_why_a_link_was_refused(
    sign_in: SignIn, live_server: LiveServer
) -> None:
    opportunity = builders.make_opportunity(name="Aurora renewal")
    builders.make_log_entry(
        link_facts(pairing_of_opportunity=pairing_facts()), opportunity=opportunity
    )
    page = sign_in(roles.VIEWER)
    text = describe(Reason.CONFLICTING_ASSOCIATION)

    page.get_by_role("link", name="Sync log").first.click()
    page.get_by_role("link", name=text.title).click()

    expect(page.get_by_role("heading", name=text.title, level=2)).to_be_visible()
    expect(page.get_by_text(text.remedy)).to_be_visible()
    expect(page.get_by_text("Stopped here")).to_be_visible()
    expect(page.get_by_text("Not reached")).to_have_count(1)
    page.get_by_text("The facts as they were read").click()
    expect(page.locator("pre").last).to_contain_text('"pairing_of_opportunity"')


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_keeps_to_the_content_policy(
    sign_in: SignIn, live_server: LiveServer, scheme: str
) -> None:
    book = make_book()
    page = sign_in(roles.ADMINISTRATOR)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    for model in (*FOR_EVERYBODY, *FOR_ADMINISTRATORS):
        for address in (list_of(model), book.page(model)):
            page.goto(live_server.url + address)
            expect(page.locator("html")).to_have_class(scheme if scheme == "dark" else "")
            expect(page.locator("#main")).to_be_visible()


def test_the_palette_opens_by_keyboard_and_finds_a_pasted_id(
    sign_in: SignIn, live_server: LiveServer
) -> None:
    pair = builders.make_pairing(opportunity=builders.make_opportunity(name="Aurora renewal"))
    page = sign_in(roles.VIEWER)

    page.keyboard.press("Control+k")
    expect(page.get_by_placeholder("Type to search")).to_be_focused()
    page.keyboard.type(pair.salesforce_id[:15])
    page.get_by_role("link", name="Aurora renewal • Opportunity").click()

    expect(page.get_by_role("heading", name="Aurora renewal", level=2)).to_be_visible()


def test_pushing_again_what_was_chosen_in_the_work_queue(
    sign_in: SignIn, live_server: LiveServer
) -> None:
    for _ in range(2):
        builders.make_push(state=OutboundPush.State.PARKED)
    page = sign_in(roles.OPERATOR)
    page.goto(live_server.url + list_of(OutboundPush))

    page.get_by_label("Select record").first.check()
    page.locator("select[name=action]").select_option("push_again")
    page.get_by_role("button", name="Run").click()

    expect(page.get_by_text("1 push goes out now.")).to_be_visible()
    assert OutboundPush.objects.filter(state=OutboundPush.State.QUEUED).count() == 1


def test_filters_open_and_narrow_the_log(sign_in: SignIn, live_server: LiveServer) -> None:
    builders.make_log_entry(link_facts())
    builders.make_log_entry(link_facts(quote=None))
    page = sign_in(roles.VIEWER)
    page.goto(live_server.url + list_of(SyncLog))

    page.get_by_text("Filters").first.click()
    page.locator("#changelist-filter").get_by_role("link", name="Failed").click()

    expect(page.locator("#result_list .data-row")).to_have_count(1)
    expect(page.get_by_text("Failed").first).to_be_visible()


def test_a_viewer_reads_on_the_button_why_it_is_closed(
    sign_in: SignIn, live_server: LiveServer
) -> None:
    opportunity = builders.make_opportunity()
    page = sign_in(roles.VIEWER)
    page.goto(live_server.url + page_of(opportunity))

    button = page.get_by_role("button", name="Push to Salesforce")

    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description(
        "You need the right to push to Salesforce, which the role “operator” has."
    )
