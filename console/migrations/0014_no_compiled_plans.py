"""Taking a batch looks expensive to the planner and takes 40 ms. Compiling its plan first takes 100
more, while everybody else waits for a turn. For the database, see 0012."""

from django.db import migrations

WITHOUT = """
DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'set jit = off yourself: docs/operations.md, DATABASE_URL';
END $$
"""
WITH = """
DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I RESET jit', current_database());
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("console", "0013_one_index_less")]

    operations = [migrations.RunSQL(WITHOUT, WITH)]
