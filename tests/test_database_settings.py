"""What migrations set for the database, since a pooler takes no settings of a connection."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("setting", ["jit=off", "idle_in_transaction_session_timeout=20s"])
def test_every_connection_finds_it_set(setting: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unnest(setconfig) FROM pg_db_role_setting JOIN pg_database "
            "ON pg_database.oid = setdatabase WHERE datname = current_database()"
        )
        settings = {found for (found,) in cursor.fetchall()}

    assert setting in settings
