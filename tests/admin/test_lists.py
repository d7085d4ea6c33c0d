"""Lists stay fast: few queries whatever the number of rows, and no count without a bound."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from console.admin.base import CappedPaginator, list_of
from console.models import (
    Account,
    ApiClient,
    Association,
    Drift,
    InboundEvent,
    Opportunity,
    OutboundPush,
    PricebookEntry,
    Product,
    Quote,
    SalesforceConnection,
    SyncLog,
)
from tests import builders
from tests.admin.book import FOR_ADMINISTRATORS, FOR_EVERYBODY

# Session, user and the two kinds of permissions; then the count and the rows.
SIGNED_IN = 4
QUERIES = {
    Account: SIGNED_IN + 2,
    ApiClient: SIGNED_IN + 2,
    Association: SIGNED_IN + 2,
    Drift: SIGNED_IN + 5,  # and the reader's groups, the sums, the last comparison
    InboundEvent: SIGNED_IN + 2,
    Opportunity: SIGNED_IN + 2,
    OutboundPush: SIGNED_IN + 2,
    PricebookEntry: SIGNED_IN + 2,
    Product: SIGNED_IN + 2,
    Quote: SIGNED_IN + 3,  # and the reader's groups
    SalesforceConnection: SIGNED_IN + 2,
    SyncLog: SIGNED_IN + 2,
}


@pytest.mark.parametrize("model", [*FOR_EVERYBODY, *FOR_ADMINISTRATORS])
def test_a_list_takes_the_same_few_queries_for_any_number_of_rows(
    administrator: Client, model: type[Model]
) -> None:
    _fill()

    with CaptureQueriesContext(connection) as queries:
        assert administrator.get(list_of(model)).status_code == 200

    assert len(queries) == QUERIES[model], [query["sql"][:120] for query in queries]
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert counts
    for sql in counts:
        assert re.search(r"FROM \(SELECT .* LIMIT 10000\) subquery", sql), sql


def test_a_list_of_more_rows_than_are_counted_says_so(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        builders.make_event()
    monkeypatch.setattr(CappedPaginator, "COUNT_CAP", 3)

    page = viewer.get(list_of(InboundEvent)).content.decode()

    assert "Only the first 3 are listed" in page


def test_the_log_list_leaves_the_heavy_columns_alone(viewer: Client) -> None:
    builders.make_log_entry()

    with CaptureQueriesContext(connection) as queries:
        viewer.get(list_of(SyncLog))

    rows = next(q["sql"] for q in queries if '"console_synclog"."flow"' in q["sql"])
    for column in ("decision", "request", "response", "detail"):
        assert f'"console_synclog"."{column}"' not in rows


def test_an_unknown_choice_in_the_address_is_ignored(viewer: Client) -> None:
    builders.make_log_entry()

    for query in ("outcome=banana", "reason=%00", "since=forever", "owner=%F0%9F%90%99"):
        answer = viewer.get(list_of(SyncLog, query))
        assert answer.status_code == 200
        assert "Linked" in answer.content.decode()


def test_pages_beyond_the_last_lead_nowhere_bad(viewer: Client) -> None:
    builders.make_log_entry()

    assert viewer.get(list_of(SyncLog, "p=200")).status_code in (200, 302)


def test_a_person_without_a_role_sees_an_empty_overview(signed_in: Callable[[str], Client]) -> None:
    page = signed_in("stranger").get(reverse("admin:index")).content.decode()

    assert "Work queue" not in page
    assert "What needs somebody" not in page


def _fill() -> None:
    """Three of each kind."""
    for _ in range(3):
        quote = builders.make_quote(is_primary=True)
        builders.make_item(quote)
        builders.make_pairing(opportunity=quote.opportunity)
        builders.make_push(opportunity=quote.opportunity)
        builders.make_drift(opportunity=quote.opportunity)
        builders.make_event()
        builders.make_client()
        builders.make_log_entry(opportunity=quote.opportunity)
        number = SalesforceConnection.objects.count()
        builders.make_connection(name=f"org {number}", is_active=number == 0)
