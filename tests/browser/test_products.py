"""The pages of products in a real browser: what-if and save, override in place, the ramp."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from console import pins, roles
from console.actor import Actor
from console.admin.base import page_of
from console.models import ProductSyncSetting, QuoteItem
from tests.browser.conftest import SignIn
from tests.portfolio import BY_ARR, document_ramp, licence, make_linked, one_time

pytestmark = pytest.mark.django_db(transaction=True)

ADA = Actor("ada", reads_everything=True)


def test_a_change_is_seen_on_the_deals_refused_for_its_pin_and_saved_with_a_reason(
    sign_in: SignIn, live_server: LiveServer
) -> None:
    quote = make_linked(name="Aurora ramp")
    document_ramp(quote)
    pins.pin(quote, BY_ARR, note="the document's ramp", actor=ADA)
    page = sign_in(roles.ADMINISTRATOR)

    page.get_by_role("link", name="Product settings").click()
    page.get_by_role("radio", name="Amount monetize__Amount__c").check()
    page.get_by_role("button", name="What if?").click()

    expect(page.get_by_role("heading", name="What if?", level=2)).to_be_visible()
    row = page.get_by_role("row", name="Aurora ramp")
    expect(row).to_contain_text("12,000.00 USD")
    expect(row).to_contain_text("6,100.00 USD")
    expect(row.locator("svg rect.p-bar-after")).to_be_visible()
    expect(page.get_by_text("It breaks 1 pinned quote.")).to_be_visible()
    page.get_by_label("Why?").fill(f"{quote.mn_id} is to show what is paid")
    page.get_by_role("button", name="Save these settings").click()

    expect(page.get_by_text("is in force.")).to_be_visible()
    expect(page.get_by_text("1 opportunity to re-sync")).to_be_visible()
    assert ProductSyncSetting.objects.get().broken_pins == [quote.mn_id]
    page.get_by_role("button", name="Re-sync them now").click()
    expect(page.get_by_text("1 push is on the way")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_ramp_is_drawn_and_told(sign_in: SignIn, live_server: LiveServer, scheme: str) -> None:
    quote = make_linked()
    document_ramp(quote)
    page = sign_in(roles.VIEWER)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    page.goto(live_server.url + page_of(quote))

    chart = page.get_by_role("img", name="Annual licence: segment 1")
    expect(chart).to_be_visible()
    expect(chart.locator("rect")).to_have_count(3)
    expect(chart.locator("rect.p-segment-counts")).to_have_count(1)
    expect(page.get_by_text("6,100.00 USD").first).to_be_visible()
    expect(page.get_by_text("15,600.00 USD").first).to_be_visible()
    expect(page.get_by_text("sent 12,000", exact=True)).to_be_visible()


def test_an_override_is_set_in_place_and_many_at_once(
    sign_in: SignIn, live_server: LiveServer
) -> None:
    quote = make_linked()
    line, _, _ = licence(quote), licence(quote), one_time(quote)
    page = sign_in(roles.OPERATOR)
    page.goto(live_server.url + page_of(quote))

    row = page.locator(f"#line-{line.mn_id}")
    row.get_by_text("By the rules").first.click()
    row.get_by_role("radio", name="Never").check()
    row.get_by_placeholder("Why?").fill("billed elsewhere")
    row.get_by_role("button", name="Set").click()

    expect(page.get_by_text("1 override was set.")).to_be_visible()
    expect(row.get_by_text("Stays away")).to_be_visible()
    row.get_by_text("Why", exact=True).click()
    expect(row.get_by_text("Does no override keep it back?")).to_be_visible()
    page.get_by_label("Select all lines").check()
    page.get_by_label("Override of the selected lines").select_option("Always")
    page.get_by_label("Reason for the selected lines").fill("the whole bundle")
    page.get_by_role("button", name="Set for all").click()
    expect(page.get_by_text("3 were set.")).to_be_visible()
    assert set(QuoteItem.objects.values_list("override", flat=True)) == {"Always"}


def test_overrides_come_from_a_file_after_a_dry_run(
    sign_in: SignIn, live_server: LiveServer
) -> None:
    line = licence(make_linked())
    page = sign_in(roles.OPERATOR)
    page.goto(live_server.url + page_of(line.quote))

    page.get_by_role("link", name="Set from a CSV").click()
    content = f"line,override,reason\n{line.mn_id},Never,bundled\nnobody,Never,x\n".encode()
    page.get_by_label("CSV with the columns").set_input_files(
        {"name": "overrides.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_text("1 will be set, 0 are so already, 1 refused")).to_be_visible()
    page.get_by_role("button", name="Set this one").click()

    expect(page.get_by_text("1 of 1 overrides were set.")).to_be_visible()
    expect(page.get_by_text("“bundled”")).to_be_visible()
