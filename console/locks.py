"""Who holds what still, in one order everywhere: Salesforce records first, then opportunities.

Both kinds end with the transaction, so they also work behind a transaction-mode pooler.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from console.models import Opportunity


def lock_records(salesforce_ids: Iterable[str]) -> None:
    """Holds Salesforce records, which have no row of their own here to lock.

    Two opportunities may want one record: the second waits, and then sees the first one's pair.
    """
    with connection.cursor() as cursor:
        for salesforce_id in sorted(set(salesforce_ids)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [salesforce_id])


def lock_opportunities(ids: Iterable[int]) -> None:
    """Holds opportunities; their pushes and pairs are written only by who holds them."""
    rows = Opportunity.objects.select_for_update(of=("self",)).filter(pk__any_of=set(ids))
    list(rows.order_by("pk").values_list("pk"))
