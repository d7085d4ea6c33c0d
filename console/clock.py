"""The database's clock, the one that all machines share."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The time of the database, with its time zone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        (present,) = cursor.fetchone()
    assert isinstance(present, datetime)
    return present
