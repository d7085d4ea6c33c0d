"""Connection, API clients and people: secrets go in and never come out, nobody rises unseen."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from console.admin.base import list_of, page_of
from console.models import ApiClient, SalesforceConnection
from tests import builders

CANARY = "canary-secret-0123456789"
PEM = "-----BEGIN PRIVATE KEY-----canary"


def test_a_stored_secret_is_on_no_page(administrator: Client) -> None:
    connection = builders.make_connection(client_secret=CANARY, private_key=PEM)
    client = builders.make_client(secret=CANARY, previous_secret=CANARY)

    for row in (connection, client):
        for address in (page_of(row), list_of(type(row)), f"{page_of(row)}?_popup=1"):
            page = administrator.get(address).content.decode()
            assert CANARY not in page
            assert "BEGIN PRIVATE KEY" not in page


def test_a_secret_just_typed_is_not_shown_when_the_form_comes_back(administrator: Client) -> None:
    connection = builders.make_connection()
    form = _form(base_url="https://evil.example", client_secret=CANARY, private_key=PEM)

    page = administrator.post(page_of(connection), form).content.decode()

    assert "is not an address of a Salesforce org" in page
    assert CANARY not in page
    assert "BEGIN PRIVATE KEY" not in page


def test_an_empty_secret_field_keeps_what_is_stored(administrator: Client) -> None:
    connection = builders.make_connection(client_secret=CANARY)

    answer = administrator.post(page_of(connection), _form(name="Renamed"))

    assert answer.status_code == 302
    connection.refresh_from_db()
    assert (connection.name, connection.client_secret) == ("Renamed", CANARY)


def test_a_new_secret_replaces_the_stored_one(administrator: Client) -> None:
    connection = builders.make_connection()

    administrator.post(page_of(connection), _form(client_secret=CANARY))

    connection.refresh_from_db()
    assert connection.client_secret == CANARY


def test_who_points_the_connection_elsewhere_must_know_the_secret(administrator: Client) -> None:
    connection = builders.make_connection(client_secret=CANARY)
    elsewhere = "https://other.my.salesforce.com"

    page = administrator.post(page_of(connection), _form(base_url=elsewhere)).content.decode()

    assert "The address has changed: enter this again." in page
    connection.refresh_from_db()
    assert connection.base_url == "https://acme.my.salesforce.com"


@pytest.mark.parametrize(
    "address",
    [
        "http://acme.my.salesforce.com",
        "https://acme.my.salesforce.com.evil.example",
        "https://evil.example#.my.salesforce.com",
        "https://169.254.169.254",
        "javascript:alert(1)",
    ],
)
def test_only_an_address_of_an_org_is_taken(administrator: Client, address: str) -> None:
    form = _form(base_url=address, client_secret=CANARY)

    answer = administrator.post(reverse("admin:console_salesforceconnection_add"), form)

    assert answer.status_code == 200
    assert not SalesforceConnection.objects.exists()


def test_saving_the_form_leaves_what_the_worker_wrote_meanwhile(administrator: Client) -> None:
    connection = builders.make_connection(calls_used=1)
    administrator.get(page_of(connection))
    SalesforceConnection.objects.update(calls_used=777, state=SalesforceConnection.State.BROKEN)

    administrator.post(page_of(connection), _form(name="Renamed"))

    connection.refresh_from_db()
    assert (connection.name, connection.calls_used, connection.state) == ("Renamed", 777, "broken")


def test_fields_outside_the_form_cannot_be_set(administrator: Client) -> None:
    connection = builders.make_connection(state=SalesforceConnection.State.BROKEN)

    administrator.post(
        page_of(connection), _form(name="Renamed", state="live", is_local="on", calls_used="5")
    )

    connection.refresh_from_db()
    assert (connection.state, connection.is_local, connection.calls_used) == (
        "broken",
        False,
        1_200,
    )


def test_checking_a_live_connection_says_so(
    administrator: Client, connected: SalesforceConnection
) -> None:
    check = reverse("admin:console_salesforceconnection_check", args=[connected.pk])

    page = administrator.post(check, follow=True).content.decode()

    assert "Connected to organization 00D" in page


def test_checking_with_a_wrong_secret_says_what_salesforce_said(
    administrator: Client, connected: SalesforceConnection
) -> None:
    SalesforceConnection.objects.update(client_secret="wrong")
    check = reverse("admin:console_salesforceconnection_check", args=[connected.pk])

    page = administrator.post(check, follow=True).content.decode()

    assert "invalid_client" in page
    assert "Broken" in page


def test_a_new_clients_secret_is_made_here_and_shown_once(administrator: Client) -> None:
    answer = administrator.post(
        reverse("admin:console_apiclient_add"),
        {"name": "Salesforce flow", "key": "salesforce-flow", "is_active": "on", "secret": "mine"},
    )

    client = ApiClient.objects.get()
    shown = re.search(r'id="new-secret">([^<]+)<', answer.content.decode())
    assert shown is not None
    assert shown[1] == client.secret
    assert len(client.secret) >= 40
    assert "no-store" in answer["Cache-Control"]
    assert client.secret not in administrator.get(page_of(client)).content.decode()


def test_rotating_keeps_the_old_secret_good_until_it_is_retired(administrator: Client) -> None:
    client = builders.make_client(secret=CANARY)
    rotate = reverse("admin:console_apiclient_rotate", args=[client.pk])
    retire = reverse("admin:console_apiclient_retire", args=[client.pk])

    page = administrator.post(rotate).content.decode()
    again = administrator.post(rotate, follow=True).content.decode()

    client.refresh_from_db()
    assert client.previous_secret == CANARY
    assert client.secret in page
    assert CANARY not in page
    assert "Retire the previous secret first." in again

    administrator.post(retire)
    client.refresh_from_db()
    assert client.previous_secret == ""


def test_an_administrator_gives_people_their_groups(administrator: Client) -> None:
    person = builders.make_user("newcomer")
    operators = person.groups.model.objects.get(name="operator")

    administrator.post(
        page_of(person),
        {
            "username": "newcomer",
            "is_active": "on",
            "is_staff": "on",
            "groups": [operators.pk],
            "is_superuser": "on",
            "user_permissions": ["1"],
        },
    )

    person.refresh_from_db()
    assert list(person.groups.all()) == [operators]
    assert not person.is_superuser
    assert not person.user_permissions.exists()


def test_an_administrator_cannot_take_over_a_superuser(administrator: Client) -> None:
    root = builders.make_user("root", is_superuser=True)
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    new = {"password1": "a new long password", "password2": "a new long password"}

    assert administrator.post(password, new).status_code == 403
    assert administrator.post(page_of(root), {"username": "mine"}).status_code == 403
    gone = reverse("admin:auth_user_delete", args=[root.pk])
    assert administrator.post(gone, {"post": "yes"}).status_code == 403
    assert User.objects.get(username="root").check_password(builders.PASSWORD)


def test_groups_are_read_only(administrator: Client) -> None:
    assert administrator.post(reverse("admin:auth_group_add"), {"name": "x"}).status_code == 403


def _form(**changes: str) -> dict[str, str]:
    return {
        "name": "Acme production",
        "base_url": "https://acme.my.salesforce.com",
        "client_id": "consumer-key",
        "is_active": "on",
        "share_percent": "50",
        "reserve_percent": "10",
        **changes,
    }
