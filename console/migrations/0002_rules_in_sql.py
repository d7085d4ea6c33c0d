"""Rules only SQL can hold: a primary quote is the opportunity's own, the log is append-only."""

from django.db import migrations

PRIMARY_IS_ITS_OWN = """
ALTER TABLE console_opportunity
  ADD CONSTRAINT opportunity_primary_is_its_own
  FOREIGN KEY (primary_quote_id, id) REFERENCES console_quote (id, opportunity_id)
  DEFERRABLE INITIALLY DEFERRED;
"""

# Pruning announces itself for one transaction with SET LOCAL console.pruning = 'on'.
LOG_IS_APPEND_ONLY = """
CREATE FUNCTION console_synclog_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('console.pruning', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the sync log is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER synclog_is_append_only
  BEFORE UPDATE OR DELETE ON console_synclog
  FOR EACH ROW EXECUTE FUNCTION console_synclog_is_append_only();
"""

# An edit is a new revision or version; only which one is in force may change.
REVISIONS_ARE_KEPT = """
CREATE FUNCTION console_revision_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a revision is never removed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF to_jsonb(NEW) - 'is_active' - 'is_current' - 'created_by_id'
     IS DISTINCT FROM to_jsonb(OLD) - 'is_active' - 'is_current' - 'created_by_id' THEN
    RAISE EXCEPTION 'a revision is never changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER productsetting_is_kept BEFORE UPDATE OR DELETE ON console_productsyncsetting
  FOR EACH ROW EXECUTE FUNCTION console_revision_is_kept();
CREATE TRIGGER amountfield_is_kept BEFORE UPDATE OR DELETE ON console_amountfield
  FOR EACH ROW EXECUTE FUNCTION console_revision_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("console", "0001_initial")]

    operations = [
        migrations.RunSQL(
            PRIMARY_IS_ITS_OWN,
            "ALTER TABLE console_opportunity DROP CONSTRAINT opportunity_primary_is_its_own;",
        ),
        migrations.RunSQL(
            LOG_IS_APPEND_ONLY,
            "DROP FUNCTION console_synclog_is_append_only() CASCADE;",
        ),
        migrations.RunSQL(
            REVISIONS_ARE_KEPT,
            "DROP FUNCTION console_revision_is_kept() CASCADE;",
        ),
    ]
