"""What the builders make is valid, so that a test may change the one thing it is about."""

from __future__ import annotations

import pytest

from console import roles
from tests import builders
from tests.facts import push_facts


@pytest.mark.django_db
def test_every_builder_makes_a_valid_row() -> None:
    quote = builders.make_quote(is_primary=True)
    assert quote.opportunity is not None
    rows = [
        builders.make_user(role=roles.VIEWER),
        builders.make_client(),
        quote.account,
        quote.opportunity,
        quote,
        builders.make_item(quote),
        builders.make_connection(),
        builders.make_pairing(opportunity=quote.opportunity),
        builders.make_push(opportunity=quote.opportunity),
        builders.make_event(),
        builders.make_log_entry(),
        builders.make_log_entry(push_facts()),
    ]

    for row in rows:
        assert row is not None
        row.full_clean(exclude=[column.name for column in row._meta.fields if column.null])
