"""The formula editor in a real browser: errors at their place, figures as one types, saved."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from console import roles
from console.admin.base import list_of, page_of
from console.models import AmountField
from tests.browser.conftest import SignIn
from tests.formula_fields import make_formula
from tests.portfolio import document_ramp, make_linked, one_time

pytestmark = pytest.mark.django_db(transaction=True)

WRONG: Final = 'IF(\n  TEXT(monetize__Product__r.monetize__ProductTyp__c) = "ONETIME", 1, 0)'


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_a_wrong_formula_to_a_field_that_can_be_chosen(
    sign_in: SignIn, live_server: LiveServer, scheme: str
) -> None:
    document_ramp(make_linked(name="Aurora ramp"))
    one_time(make_linked(name="Borealis set-up"))
    page = sign_in(roles.ADMINISTRATOR)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    page.get_by_role("link", name="Currency fields").click()
    page.get_by_role("link", name="Write a formula").click()
    page.get_by_label("Label").fill("Deal value")
    expect(page.get_by_label("API name")).to_have_value("Deal_value__c")
    formula = page.get_by_label("Formula", exact=True)
    formula.fill(WRONG)

    verdict = page.get_by_role("status")
    expect(verdict).to_contain_text("Line 2, column 8.")
    expect(verdict).to_contain_text("There is no field monetize__ProductTyp__c.")
    expect(formula).to_have_attribute("aria-invalid", "")
    page.get_by_role("button", name="Did you mean monetize__ProductType__c?").click()
    expect(verdict).to_contain_text("It compiles")
    expect(formula).to_have_value(WRONG.replace("Typ__c", "Type__c"))

    page.get_by_role("button", name="Use the ONETIME example").click()
    expect(page.get_by_text("1 would get another amount")).to_be_visible()
    expect(page.get_by_role("row", name="Borealis set-up")).to_contain_text("500.00 USD")
    expect(page.get_by_role("row", name="Aurora ramp").last).to_contain_text("12,000.00 USD")

    page.get_by_label("What is it for?").fill("one-time products count")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Deal value, version 1, is saved.")).to_be_visible()
    page.get_by_role("link", name="product settings").last.click()
    expect(page.get_by_role("radio", name="Deal value")).to_be_enabled()


def test_what_is_picked_stands_at_the_cursor_and_can_be_undone(
    sign_in: SignIn, live_server: LiveServer
) -> None:
    page = sign_in(roles.ADMINISTRATOR)
    page.goto(f"{live_server.url}{list_of(AmountField)}add/")
    formula = page.get_by_label("Formula", exact=True)
    formula.fill("(1 + )")
    formula.press("End")
    formula.press("ArrowLeft")

    page.get_by_label("Find a field or function").fill("year2")
    expect(page.get_by_role("button", name="monetize__Quantity__c")).to_be_hidden()
    page.get_by_role("button", name="monetize__Year2ARR__c").click()
    expect(formula).to_have_value("(1 + monetize__Year2ARR__c)")
    expect(page.get_by_role("status")).to_contain_text("It compiles")
    page.get_by_label("Find a field or function").fill("substitute for a blank")
    page.get_by_role("button", name="BLANKVALUE").click()
    expect(formula).to_have_value("(1 + monetize__Year2ARR__cBLANKVALUE()")
    formula.press("Control+z")
    expect(formula).to_have_value("(1 + monetize__Year2ARR__c)")
    page.get_by_label("Find a field or function").fill("no such thing")
    expect(page.get_by_text("Nothing of that name.")).to_be_visible()


def test_going_to_the_error_selects_it(sign_in: SignIn, live_server: LiveServer) -> None:
    page = sign_in(roles.ADMINISTRATOR)
    page.goto(f"{live_server.url}{list_of(AmountField)}add/")
    formula = page.get_by_label("Formula", exact=True)
    formula.fill('LEN("😀") +\nNowhere__c')

    page.get_by_role("button", name="Go there").click()

    expect(formula).to_be_focused()
    chosen = formula.evaluate("it => it.value.slice(it.selectionStart, it.selectionEnd)")
    assert chosen == "Nowhere__c"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_a_field_keep_to_the_content_policy(
    sign_in: SignIn, live_server: LiveServer, scheme: str
) -> None:
    make_formula(is_current=False)
    row = make_formula(version=2, formula="Vanished__c")
    page = sign_in(roles.VIEWER)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    page.goto(live_server.url + list_of(AmountField))
    expect(page.get_by_text("There is no live connection to Salesforce.")).to_be_visible()
    page.goto(live_server.url + page_of(row))

    expect(page.get_by_text("It does not compile any more")).to_be_visible()
    expect(page.locator("ins")).to_have_text("Vanished__c")
    expect(page.get_by_role("button", name="Edit the formula")).to_be_disabled()
