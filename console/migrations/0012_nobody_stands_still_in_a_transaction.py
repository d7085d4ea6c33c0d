"""A process that stands still in a transaction is thrown out of it: what it has locked is what
people are about to save. For the database, since a pooler takes no settings of a connection."""

from django.db import migrations

LIMIT = """
DO $$
BEGIN
  EXECUTE format(
    'ALTER DATABASE %I SET idle_in_transaction_session_timeout = ''20s''', current_database());
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'set idle_in_transaction_session_timeout yourself: docs/operations.md, DATABASE_URL';
END $$
"""
NO_LIMIT = """
DO $$
BEGIN
  EXECUTE format(
    'ALTER DATABASE %I RESET idle_in_transaction_session_timeout', current_database());
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("console", "0011_unfinished_poll")]

    operations = [migrations.RunSQL(LIMIT, NO_LIMIT)]
