"""Secrets at rest: the table never holds them in clear text, and a wrong key says so."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django import Settings

from console.models import ApiClient, SalesforceConnection
from tests.builders import make_client, make_connection

pytestmark = pytest.mark.django_db

SECRETS = {
    "client_secret": "consumer-secret-in-clear",
    "private_key": "-----BEGIN PRIVATE KEY----- in clear",
}


def _raw(table: str) -> str:
    """Everything the table holds, as text."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {table}::text FROM {table}")
        return str(cursor.fetchall())


def test_credentials_of_salesforce_are_not_in_the_table() -> None:
    make_connection(**SECRETS)

    stored = _raw("console_salesforceconnection")

    assert "Acme production" in stored
    assert "in-clear" not in stored
    assert "PRIVATE KEY" not in stored


def test_secrets_of_api_clients_are_not_in_the_table() -> None:
    make_client(secret="signing-in-clear", previous_secret="older-in-clear")

    assert "in-clear" not in _raw("console_apiclient")


def test_they_are_read_back_as_they_were_written() -> None:
    make_connection(**SECRETS)

    row = SalesforceConnection.objects.get()

    assert {name: getattr(row, name) for name in SECRETS} == SECRETS


def test_no_secret_stays_none() -> None:
    make_client(previous_secret="")

    assert ApiClient.objects.get().previous_secret == ""


def test_a_wrong_key_raises_and_hands_out_no_cipher_text(settings: Settings) -> None:
    make_connection(**SECRETS)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(ImproperlyConfigured) as caught:
        SalesforceConnection.objects.get()

    assert str(caught.value) == (
        "SalesforceConnection.client_secret: no key in FIELD_KEYS opens the stored value"
    )


def test_without_any_key_nothing_is_written(settings: Settings) -> None:
    settings.FIELD_KEYS = []

    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS is empty"):
        make_client()


def test_a_key_is_changed_by_putting_a_new_one_in_front(settings: Settings) -> None:
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    make_client(secret="signing-in-clear")
    settings.FIELD_KEYS = [new, old]

    client = ApiClient.objects.get()
    client.save(update_fields=["secret"])
    settings.FIELD_KEYS = [new]

    assert ApiClient.objects.get().secret == "signing-in-clear"
