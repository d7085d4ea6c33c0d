"""A company of any size on both sides: linked opportunities whose primary quote can be changed."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, Sum

from benchmarks.stores import Stores
from console import outbox
from console.actor import Actor
from console.locks import lock_opportunities
from console.models import (
    Account,
    ApiCalls,
    Association,
    Opportunity,
    OutboundPush,
    ProductSyncSetting,
    Quote,
    SalesforceConnection,
)
from syncrules.salesforce_id import to_18

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
OPPORTUNITIES_AN_ACCOUNT: Final = 5
_AT_ONCE: Final = 5_000
# In an index's order, since asking again and again must cost the measured nothing.
_FIRST_OPEN: Final = """
SELECT id FROM console_outboundpush
WHERE state IN ('queued', 'sending', 'held', 'parked') AND trigger <> %s
ORDER BY state, lane, urgency, requested_at LIMIT 1
"""


def record_id(number: int) -> str:
    """The Salesforce id of the opportunity with this number."""
    return to_18(f"006{number:012d}")


def quote_record(number: int, which: int) -> str:
    """The Salesforce id of an opportunity's first or second quote."""
    return to_18(f"a0B{2 * number + which:012d}")


def build(stores: Stores, count: int) -> None:
    """So many opportunities, each with two quotes, the first of them primary and nothing pushed.

    Product sync is switched off: what is measured is link and primary quote.
    """
    server = stores.org_server
    SalesforceConnection.objects.create(
        name="local org",
        base_url=server.url,
        client_id=server.client_id,
        client_secret=server.client_secret,
        is_local=True,
        state=SalesforceConnection.State.LIVE,
        share_percent=100,
    )
    stores.org.set(api_limit=100_000_000)
    ProductSyncSetting.objects.create(
        reason_text="measured alone", is_active=True, is_disabled=True, created_by_name="benchmark"
    )
    for start in range(0, count, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, count))
        _ours(numbers)
        _theirs(stores, numbers)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def swap_quotes(count: int) -> None:
    """The other quote of so many opportunities becomes primary, so that they must go out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE console_opportunity AS opportunity SET primary_quote_id = quote.id "
            "FROM console_quote AS quote WHERE quote.opportunity_id = opportunity.id "
            "AND quote.id <> opportunity.primary_quote_id AND opportunity.id IN "
            "(SELECT id FROM console_opportunity ORDER BY id LIMIT %s)",
            [count],
        )


def ask(count: int) -> None:
    """A push for so many opportunities, due now, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE console_outboundpush CASCADE")
        cursor.execute(
            "INSERT INTO console_outboundpush (opportunity_id, lane, state, trigger, actor_name, "
            "requests, requested_at, not_before, attempts, fence, reason, detail) "
            "SELECT id, 'link', 'queued', 'benchmark', 'benchmark', 1, statement_timestamp(), "
            "statement_timestamp(), 0, 0, '', '' FROM console_opportunity ORDER BY id LIMIT %s",
            [count],
        )
        cursor.execute("ANALYZE console_outboundpush")


def is_open(*, unsure: bool = True) -> bool:
    """Whether any push has not come to its end. `unsure`: second looks included, which wait for
    what a lost worker may have sent."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_OPEN, ["" if unsure else "late_write"])
        return cursor.fetchone() is not None


def edit_one(number: int) -> None:
    """A person makes another quote of the opportunity its primary one; the doorbell rings."""
    opportunity = Opportunity.objects.get(mn_id=f"opp_{number}")
    with transaction.atomic():
        lock_opportunities([opportunity.pk])
        assert opportunity.primary_quote_id is not None
        quotes = Quote.objects.filter(opportunity=opportunity)
        other = quotes.exclude(pk=opportunity.primary_quote_id)
        Opportunity.objects.filter(pk=opportunity.pk).update(primary_quote=other.get())
        actor = Actor(name="benchmark", user_id=1)
        outbox.request_push(opportunity_id=opportunity.pk, trigger="benchmark", actor=actor)


def wait_for_acknowledgement(number: int) -> None:
    """Returns when the push of the opportunity has come to its end."""
    pushes = OutboundPush.objects.filter(opportunity__mn_id=f"opp_{number}")
    while pushes.filter(finished_at__isnull=True).exists():
        time.sleep(0.001)


def endings() -> dict[str, int]:
    """State -> number of pushes."""
    return dict(OutboundPush.objects.order_by().values_list("state").annotate(n=Count("pk")))


def calls() -> int:
    """API calls that were counted so far."""
    return ApiCalls.objects.aggregate(n=Sum("calls"))["n"] or 0


def _ours(numbers: range) -> None:
    per_account = OPPORTUNITIES_AN_ACCOUNT
    accounts = [
        Account(
            mn_id=f"acct_{number}",
            name=f"Customer {number}",
            salesforce_id=to_18(f"001{number:012d}"),
            mn_updated_at=NOON,
        )
        for number in range(numbers.start // per_account, -(-numbers.stop // per_account))
    ]
    Account.objects.bulk_create(accounts)
    first = numbers.start // per_account
    opportunities = Opportunity.objects.bulk_create(
        Opportunity(
            mn_id=f"opp_{number}",
            name=f"Deal {number}",
            account=accounts[number // per_account - first],
            status_since=NOON,
            mn_updated_at=NOON,
        )
        for number in numbers
    )
    quotes = Quote.objects.bulk_create(
        Quote(
            mn_id=f"quote_{number}_{which}",
            opportunity=opportunity,
            account_id=opportunity.account_id,
            status_since=NOON,
            mn_updated_at=NOON,
            contract_start=date(2026, 1, 1),
            contract_end=date(2026, 12, 31),
        )
        for number, opportunity in zip(numbers, opportunities, strict=True)
        for which in (0, 1)
    )
    for opportunity, quote in zip(opportunities, quotes[::2], strict=True):
        opportunity.primary_quote, opportunity.primary_set_at = quote, NOON
    Opportunity.objects.bulk_update(
        opportunities, ["primary_quote", "primary_set_at"], batch_size=1000
    )
    Association.objects.bulk_create(
        Association(
            opportunity=opportunity,
            salesforce_id=record_id(number),
            linked_by="benchmark",
            actor_name="benchmark",
        )
        for number, opportunity in zip(numbers, opportunities, strict=True)
    )


def _theirs(stores: Stores, numbers: range) -> None:
    stores.org.load(
        monetize__Quote__c=[
            {
                "Id": quote_record(number, which),
                "Name": f"quote_{number}_{which}",
                "monetize__Id__c": f"quote_{number}_{which}",
            }
            for number in numbers
            for which in (0, 1)
        ],
        Opportunity=[
            {
                "Id": record_id(number),
                "Name": f"Deal {number}",
                "StageName": "Prospecting",
                "CloseDate": "2026-12-31",
                "AccountId": to_18(f"001{number // OPPORTUNITIES_AN_ACCOUNT:012d}"),
            }
            for number in numbers
        ],
    )
