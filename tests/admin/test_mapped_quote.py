"""What field mappings did is seen on the quote's page and in the log entry of the quote."""

from __future__ import annotations

import pytest
from django.test import Client

from console.admin.base import page_of
from console.models import FieldMapping, Quote, SalesforceConnection
from tests.admin.reading import text
from tests.builders import make_quote
from tests.initiations import add_account, add_record, initiate
from tests.org import Org

pytestmark = pytest.mark.django_db


def test_a_quote_shows_what_its_mappings_filled_and_what_they_could_not(
    viewer: Client, connected: SalesforceConnection, org: Org
) -> None:
    FieldMapping.objects.create(source="StageName", target="custom:stage")
    FieldMapping.objects.create(source="NextStep", target="contract_end")
    record = add_record(org, add_account(org), NextStep="soon")

    entry = initiate(record)

    page = text(viewer.get(page_of(Quote.objects.get())))
    assert "NextStep → contract_end: “soon” is not a date" in page
    assert "stage Prospecting" in page
    told = viewer.get(page_of(entry)).content.decode()
    problem, filled = entry.detail.splitlines()
    assert f'<blockquote class="c-quote">{problem}\n{filled}</blockquote>' in told


def test_a_quote_without_mappings_says_nothing_of_them(viewer: Client) -> None:
    assert "Filled from Salesforce" not in text(viewer.get(page_of(make_quote())))
