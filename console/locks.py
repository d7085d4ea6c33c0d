"""Who holds what still, in one order everywhere: Salesforce records first, then opportunities.

Both kinds end with the transaction, so they also work behind a transaction-mode pooler.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection

from console.models import Opportunity


def lock_records(salesforce_ids: Iterable[str]) -> None:
    """Holds Salesforce records, which have no row of their own here to lock.

    Two opportunities may want one record: the second waits, and then sees the first one's pair.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_RECORDS, [sorted(set(salesforce_ids))])


# A volatile function is called row by row, in the order of the subquery.
_LOCK_RECORDS: Final = """
SELECT pg_advisory_xact_lock(hashtextextended(record, 0))
FROM (SELECT record FROM unnest(%s::text[]) AS record ORDER BY record COLLATE "C") AS ordered
"""


def lock_opportunities(ids: Iterable[int]) -> None:
    """Holds opportunities; their pushes and pairs are written only by who holds them."""
    rows = Opportunity.objects.select_for_update(of=("self",)).filter(pk__any_of=set(ids))
    list(rows.order_by("pk").values_list("pk"))
