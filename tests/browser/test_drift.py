"""The drift ledger in a real browser: found, looked at, repaired, and gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from console import jobs, roles
from console.admin.base import list_of
from console.flows import reconcile
from console.models import Drift, SalesforceConnection
from syncrules.facts import MN_ID_FIELD
from tests.browser.conftest import SignIn
from tests.drift import edit, in_step, open_rows
from tests.facts import sf_id
from tests.org import Org

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_drifted_is_found_repaired_and_gone(
    sign_in: SignIn, org: Org, connected: SalesforceConnection
) -> None:
    deal = in_step(org)
    edit(org, deal.salesforce_id, **{MN_ID_FIELD: None})
    page = sign_in(roles.OPERATOR)
    page.get_by_role("link", name="0 records drifted").click()
    expect(page.get_by_text("Nothing was compared yet")).to_be_visible()

    page.get_by_role("button", name="Compare now").click()
    expect(page.get_by_text("is under way", exact=False).first).to_be_visible()
    reconcile.go_on()
    page.reload()
    page.get_by_role("row", name="MN id").get_by_role("link", name="Missing").click()

    expect(page.get_by_role("heading", name="It was written, and is gone")).to_be_visible()
    page.get_by_role("button", name="Repair by pushing again").click()
    expect(page.get_by_text("1 opportunity is pushed again")).to_be_visible()
    expect(page.get_by_role("button", name="Repair by pushing again")).to_be_disabled()
    jobs.drain_outbound()
    reconcile.go_on()
    page.reload()
    expect(page.get_by_text("Both sides agree again")).to_be_visible()
    assert open_rows() == []


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("width", [1024, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_fits_the_window(
    sign_in: SignIn,
    live_server: LiveServer,
    org: Org,
    scheme: str,
    width: int,
) -> None:
    deals = [in_step(org) for _ in range(2)]
    product = deals[0].products()[0]["Id"]
    edit(org, product, Quantity=12, UnitPrice=1200)
    org.delete_opportunity(deals[1].salesforce_id)
    org.add_opportunity(sf_id(), Name="A clone", monetize__Id__c=deals[0].opportunity.mn_id)
    page = sign_in(roles.OPERATOR)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    reconcile.go_on()

    page.goto(live_server.url + list_of(Drift))

    expect(page.get_by_text("Last compared")).to_be_visible()
    expect(page.get_by_role("row", name="Total price")).to_contain_text("2,400.00 USD")
    widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]
    page.get_by_role("row", name="Total price").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Changed in Salesforce")).to_be_visible()
    expect(page.get_by_role("row", name="Total price")).to_contain_text("14,400.00")
