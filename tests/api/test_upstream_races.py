"""Two versions at once, each with a connection of its own: no collision, and the newest stays."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from console.models import Account, ApiClient, Opportunity, Quote, QuoteItem
from tests.api.upstream_calls import account, item, opportunity, put, quote, version
from tests.builders import make_account, make_client

pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(sender: ApiClient, kind: str, mn_id: str, *bodies: dict[str, Any]) -> list[int]:
    """The status of each call, in the order of the bodies."""
    start = threading.Barrier(len(bodies))
    statuses = [0] * len(bodies)

    def call(index: int) -> None:
        start.wait(10)
        statuses[index] = put(sender, kind, mn_id, bodies[index]).status_code
        connection.close()

    threads = [threading.Thread(target=call, args=(index,)) for index in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return statuses


def test_a_new_record_that_comes_twice_is_made_once() -> None:
    statuses = _at_once(make_client(), "accounts", "acct_1", account(), account())

    assert sorted(statuses) == [200, 201]
    assert Account.objects.count() == 1


def test_the_newest_of_two_versions_stays() -> None:
    make_account(mn_id="acct_1")
    old, new = (opportunity(updated_at=version(n), name=f"name {n}") for n in (1, 2))

    statuses = _at_once(make_client(), "opportunities", "opp_1", old, new)

    assert statuses[1] in (200, 201)
    assert statuses[0] in (201, 409)
    assert Opportunity.objects.get().name == "name 2"


def test_two_versions_of_a_quote_do_not_mix_their_lines() -> None:
    make_account(mn_id="acct_1")
    old = quote(updated_at=version(1), items=[item("a"), item("b")])
    new = quote(updated_at=version(2), items=[item("b", amount=2), item("c")])

    _at_once(make_client(), "quotes", "quote_1", old, new)

    assert Quote.objects.get().mn_updated_at.isoformat() == version(2)
    lines = {line.mn_id: int(line.amount) for line in QuoteItem.objects.all()}
    assert lines == {"b": 2, "c": 1000}
