"""The page of a field mapping: what can be chosen, what is refused, and who may do it."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.db import connection
from django.test import Client
from django.urls import reverse

from console import mapped_fields, roles
from console.admin.base import list_of, page_of
from console.models import FieldMapping, SalesforceConnection
from tests.org import Org

pytestmark = pytest.mark.django_db
ADD = "admin:console_fieldmapping_add"


def form(**changes: str) -> dict[str, str]:
    return {"source": "NextStep", "target": "description", "is_active": "on"} | changes


def add(client: Client, **changes: str) -> str:
    """The page that the form leads to, as text."""
    answer = client.post(reverse(ADD), form(**changes), follow=True)
    return html.unescape(answer.content.decode())


def make_mapping(source: str = "NextStep", target: str = "description") -> FieldMapping:
    return FieldMapping.objects.create(source=source, target=target)


@pytest.fixture
def admin(administrator: Client, connected: SalesforceConnection) -> Client:
    """An administrator while Salesforce can be asked."""
    return administrator


# --- Choosing ----------------------------------------------------------------------------------


def test_the_fields_of_the_org_are_offered_with_their_types(admin: Client) -> None:
    page = html.unescape(admin.get(reverse(ADD)).content.decode())

    assert '<option value="NextStep">Next Step (NextStep, string)</option>' in page
    assert "Close Date (CloseDate, date)" in page
    assert "(CreatedDate, datetime)" not in page


def test_a_mapping_is_added(admin: Client) -> None:
    add(admin)

    mapping = FieldMapping.objects.get()
    assert (mapping.source, mapping.target, mapping.is_active) == ("NextStep", "description", True)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_salesforce_is_asked(admin: Client, org: Org) -> None:
    """PostgreSQL throws out whoever stands still in one."""
    org.break_with(action="delay", seconds=2, path="describe", times=1)
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '500ms'")
    try:
        assert "was added successfully" in add(admin)
    finally:
        connection.close()


def test_a_custom_field_is_named(admin: Client) -> None:
    add(admin, source="IsWon", target="custom:", custom_name="is_won")

    assert FieldMapping.objects.get().target == "custom:is_won"


@pytest.mark.parametrize("name", ["", "1st", "a b", "größe"])
def test_a_custom_field_needs_a_name_that_can_be_one(admin: Client, name: str) -> None:
    page = add(admin, target="custom:", custom_name=name)

    assert "Letters, digits and _, a letter first, at most 60." in page
    assert not FieldMapping.objects.exists()


def test_types_that_do_not_go_together_are_both_named(admin: Client) -> None:
    page = add(admin, source="IsWon", target="contract_start")

    assert "Won (IsWon) holds a checkbox value (boolean), but Contract start takes a date." in page
    assert not FieldMapping.objects.exists()


@pytest.mark.parametrize("source", ["Segment__c", "Name FROM Account", "CreatedDate"])
def test_a_field_that_was_not_offered_is_refused(admin: Client, source: str) -> None:
    page = add(admin, source=source)

    assert "Select a valid choice" in page
    assert not FieldMapping.objects.exists()


def test_a_target_that_was_not_offered_is_refused(admin: Client) -> None:
    assert "Select a valid choice" in add(admin, target="status")
    assert not FieldMapping.objects.exists()


def test_two_active_mappings_for_one_target_are_refused(admin: Client) -> None:
    make_mapping(source="Type")

    assert "Another active mapping fills this quote field already." in add(admin)
    assert FieldMapping.objects.count() == 1


# --- Changing ----------------------------------------------------------------------------------


def test_what_is_stored_is_chosen_on_the_page(admin: Client) -> None:
    mapping = make_mapping(source="nextstep", target="custom:note")

    page = admin.get(page_of(mapping)).content.decode()

    assert '<option value="NextStep" selected>' in page
    assert '<option value="custom:" selected>' in page
    assert 'value="note"' in page


def test_a_new_name_of_the_custom_field_is_kept(admin: Client) -> None:
    mapping = make_mapping(target="custom:note")

    admin.post(page_of(mapping), form(target="custom:", custom_name="remark"))

    mapping.refresh_from_db()
    assert mapping.target == "custom:remark"


def test_a_field_that_vanished_is_shown_and_refused_while_the_mapping_is_active(
    admin: Client,
) -> None:
    mapping = make_mapping(source="Segment__c")

    shown = admin.get(page_of(mapping)).content.decode()
    answer = admin.post(page_of(mapping), form(source="Segment__c"), follow=True)

    assert "Segment__c (cannot be read)" in shown
    assert "Salesforce has no opportunity field Segment__c" in answer.content.decode()


def test_a_mapping_that_no_longer_fits_can_be_switched_off(admin: Client) -> None:
    mapping = make_mapping(source="Segment__c")

    admin.post(page_of(mapping), {"source": "Segment__c", "target": "description"})

    mapping.refresh_from_db()
    assert not mapping.is_active


def test_every_edit_leaves_an_entry(admin: Client) -> None:
    add(admin)
    mapping = FieldMapping.objects.get()
    admin.post(page_of(mapping), form(source="Type"))
    admin.post(reverse("admin:console_fieldmapping_delete", args=[mapping.pk]), {"post": "yes"})

    flags = LogEntry.objects.order_by("pk").values_list("action_flag", flat=True)
    assert list(flags) == [ADDITION, CHANGE, DELETION]
    assert not FieldMapping.objects.exists()


# --- Salesforce cannot be asked ----------------------------------------------------------------


def test_without_a_connection_the_name_is_typed_and_the_check_is_owed(
    administrator: Client,
) -> None:
    page = add(administrator, source="Segment__c", target="contract_start")

    assert "nobody checked that it has the field" in page
    assert FieldMapping.objects.get().source == "Segment__c"


@pytest.mark.parametrize("source", ["Name FROM Account", "Account.Name", "1st", ""])
def test_a_typed_name_must_be_an_api_name(administrator: Client, source: str) -> None:
    add(administrator, source=source)

    assert not FieldMapping.objects.exists()


def test_trouble_with_the_description_does_not_break_the_connection(
    admin: Client, org: Org
) -> None:
    refusal = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "not for you"}]
    org.break_with(path="describe", action="status", status=403, body=refusal, times=None)

    assert "nobody checked" in add(admin)
    assert SalesforceConnection.objects.get().state == SalesforceConnection.State.LIVE


# --- Who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [roles.VIEWER, roles.OPERATOR])
def test_others_look_and_do_not_touch(signed_in: Callable[[str], Client], role: str) -> None:
    mapping = make_mapping()
    client = signed_in(role)
    page: Any = client.get(page_of(mapping))

    assert client.get(list_of(FieldMapping)).status_code == 200
    assert page.status_code == 200
    assert "NextStep" in page.content.decode()
    assert client.get(reverse(ADD)).status_code == 403
    assert client.post(reverse(ADD), form()).status_code == 403
    assert client.post(page_of(mapping), form(source="Type")).status_code == 403
    mapping.refresh_from_db()
    assert mapping.source == "NextStep"


def test_who_only_looks_asks_salesforce_nothing(
    signed_in: Callable[[str], Client], connected: SalesforceConnection, org: Org
) -> None:
    mapping = make_mapping()
    org.break_with(path="describe", action="status", status=503, times=1)

    signed_in(roles.VIEWER).get(page_of(mapping))

    assert mapped_fields.offered() is None  # the first to ask met the trouble
    assert mapped_fields.offered() is not None


def test_the_list_shows_what_fills_what(administrator: Client) -> None:
    make_mapping(source="Segment__c", target="custom:segment")
    FieldMapping.objects.create(source="Type", target="of_a_later_version", is_active=False)

    page = administrator.get(list_of(FieldMapping)).content.decode()

    assert "Custom field segment" in page
    assert "of_a_later_version" in page
    assert "Switched off" in page
