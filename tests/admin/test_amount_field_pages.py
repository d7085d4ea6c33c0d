"""The pages of currency fields: the list, one field, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from console import roles
from console.admin.amount_field_help import families
from console.admin.amount_field_page import marked
from console.admin.base import list_of, page_of
from console.models import AmountField, SalesforceConnection
from syncrules.formula.functions.registry import FUNCTIONS
from tests import builders
from tests.formula_fields import DOCUMENT, make_formula, text_of, typed
from tests.org import Org
from tests.portfolio import (
    make_amount_field,
    make_revision,
)

pytestmark = pytest.mark.django_db

ADD: Final = "admin:console_amountfield_add"
OWN: Final = "Deal_Value__c"


# --- One field -----------------------------------------------------------------------------------


def test_a_broken_formula_is_shown_with_its_place(administrator: Client) -> None:
    row = make_formula(formula="1 + Vanished__c")

    page = text_of(administrator.get(page_of(row)))

    assert "Does not compile" in page
    assert "There is no field Vanished__c." in page
    assert "Line 1, column 5." in page


def test_who_uses_it_is_listed(administrator: Client) -> None:
    row = make_formula()
    make_formula("Around__c", f"{OWN} + 1")
    revision = make_revision(amount_field="Around__c")

    page = text_of(administrator.get(page_of(row)))

    assert f"revision {revision.pk}" in page
    assert "through <code" in page
    assert ">Around</a>" in page


def test_the_history_marks_what_changed_word_by_word() -> None:
    assert marked("IF(a, b, 0)", "IF(a, MAX(b, 0), 0)") == [
        ("same", "IF(a, "),
        ("in", "MAX("),
        ("same", "b, 0)"),
        ("in", ", 0)"),
    ]
    assert marked("a", "b") == [("out", "a"), ("in", "b")]


def test_every_function_of_the_language_is_offered_with_a_line_of_help() -> None:
    offered = [each for family in families() for each in family["functions"]]

    assert sorted(each["name"] for each in offered) == sorted(FUNCTIONS)
    assert all(each["gives"] and each["example"] for each in offered)


def test_the_editor_offers_fields_functions_and_the_example(administrator: Client) -> None:
    make_amount_field("Uplift__c")

    page = text_of(administrator.get(reverse(ADD)))

    assert 'data-insert="monetize__Product__r.monetize__ProductType__c"' in page
    assert 'data-insert="Uplift__c"' in page
    assert 'data-insert="BLANKVALUE("' in page
    assert "data-example=" in page


# --- The list ------------------------------------------------------------------------------------


def test_the_list_shows_the_latest_version_of_each_with_its_state(administrator: Client) -> None:
    make_formula(is_current=False)
    make_formula(version=2)
    make_formula("Broken__c", "Nowhere__c")
    make_amount_field("Over__c", is_current=False, label="Over")
    make_revision(amount_field=OWN)

    with CaptureQueriesContext(connection) as queries:
        page = text_of(administrator.get(list_of(AmountField)))

    assert page.count('class="data-row') == 3
    for state in ("Amounts come from it", "Does not compile", "Gone"):
        assert state in page
    assert len(queries) == 4 + 2 + 2  # and the custom fields, and the settings


def test_discovering_says_what_was_found(
    administrator: Client, connected: SalesforceConnection
) -> None:
    address = reverse("admin:console_amountfield_discover")

    found = text_of(administrator.post(address, follow=True))
    again = text_of(administrator.post(address, follow=True))

    assert "Found: Opportunity Product Amount." in found
    assert "the same currency fields as before" in again
    assert AmountField.objects.get().created_by_name == "administrator-person"


def test_what_salesforce_has_is_loaded_after_the_list(
    administrator: Client, connected: SalesforceConnection
) -> None:
    page = text_of(administrator.get(reverse("admin:console_amountfield_in_salesforce")))

    assert "New: discover it" in page
    assert DOCUMENT in page
    assert "It is a string field; only a Currency field can be an amount of money." in page


def test_trouble_with_salesforce_is_told_in_its_place(
    administrator: Client, connected: SalesforceConnection, org: Org
) -> None:
    org.break_with(path="describe", action="status", status=503, times=None)

    part = administrator.get(reverse("admin:console_amountfield_in_salesforce"))
    page = administrator.post(reverse("admin:console_amountfield_discover"), follow=True)

    assert "does not describe its quote item" in text_of(part)
    assert "Nothing was changed." in text_of(page)


# --- Who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [roles.VIEWER, roles.OPERATOR])
def test_others_look_and_do_not_touch(signed_in: Callable[[str], Client], role: str) -> None:
    row = make_formula()
    client = signed_in(role)
    edit = reverse("admin:console_amountfield_edit", args=[row.pk])

    assert client.get(list_of(AmountField)).status_code == 200
    assert "You need the right to write currency fields" in text_of(client.get(page_of(row)))
    assert client.get(reverse(ADD)).status_code == 403
    assert client.post(reverse(ADD), typed()).status_code == 403
    assert client.post(edit, typed(instead_of=str(row.pk))).status_code == 403
    assert client.post(reverse("admin:console_amountfield_check"), typed()).status_code == 403
    assert client.post(reverse("admin:console_amountfield_discover")).status_code == 403
    assert AmountField.objects.count() == 1


def test_nobody_reads_without_a_role(signed_in: Callable[[str], Client]) -> None:
    row = make_formula()
    stranger = signed_in("stranger")

    part = reverse("admin:console_amountfield_in_salesforce")
    for address in (list_of(AmountField), page_of(row), part):
        assert stranger.get(address).status_code == 403


def test_a_check_without_its_token_is_refused(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(builders.make_user(role=roles.ADMINISTRATOR))

    answer = client.post(reverse("admin:console_amountfield_check"), typed())

    assert answer.status_code == 403
