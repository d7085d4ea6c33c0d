"""Salesforce accounts for the tests of account mapping, and what their pages say."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from console import waiting
from syncrules.prerequisites import Awaited, Prerequisite
from tests.builders import make_log_entry
from tests.facts import sf_id
from tests.org import Org


def make_record(org: Org, **fields: Any) -> str:
    salesforce_id = sf_id("001")
    org.load(Account=[{"Id": salesforce_id, **fields}])
    return salesforce_id


def wait_for(record: str) -> None:
    """A quote initiation that failed for want of the account."""
    awaited = Awaited(Prerequisite.ACCOUNT, record)
    waiting.note([(make_log_entry(), sf_id(), awaited)])


def page(record: str) -> str:
    return reverse("admin:console_account_mapping", args=[record])


def words(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return str(answer.content.decode())
