"""Everything the database holds, as one value to compare."""

from __future__ import annotations

from typing import Final

from django.db import connection

# Every call to Salesforce is counted and may renew the token, whoever makes it and for whatever.
_COUNTED: Final = "console_apicalls"
_LEFT_BY_ANY_CALL: Final = {
    "console_salesforceconnection": ["session", "calls_used", "calls_allowed"]
}


def fingerprint() -> dict[str, str]:
    """Table -> digest of all its rows."""
    with connection.cursor() as cursor:
        names = set(connection.introspection.table_names(cursor)) - {_COUNTED}
        digests = {}
        for name in sorted(names):
            table = connection.ops.quote_name(name)
            cursor.execute(
                "SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) "
                f"FROM (SELECT to_jsonb(t) - %s::text[] AS row FROM {table} t) AS rows",
                [_LEFT_BY_ANY_CALL.get(name, [])],
            )
            digests[name] = str(cursor.fetchone()[0])
    return digests
