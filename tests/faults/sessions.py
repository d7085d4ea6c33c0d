"""Sessions of the test's database, as its administrator has them."""

from __future__ import annotations

from django.db import connection


def throw_everybody_out() -> int:
    """How many connections to this database were ended; ours goes on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])
