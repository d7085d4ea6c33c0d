"""Indexes for a large log and a deep queue, made while everybody goes on writing."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

# Queue and log are read along indexes alone, which takes pages that vacuum has seen lately.
_VACUUM_OFTEN = """
ALTER TABLE console_outboundpush SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
ALTER TABLE console_synclog SET (
  autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
"""
_AS_BEFORE = """
ALTER TABLE console_outboundpush RESET (
  autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor);
ALTER TABLE console_synclog RESET (
  autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor);
"""


class Migration(migrations.Migration):
    atomic = False  # as an index that is made concurrently wants it

    dependencies = [
        ("console", "0007_counts_and_signs_of_life"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="outboundpush",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "sending", "held", "parked"])),
                fields=["state", "lane", "urgency", "requested_at"],
                name="push_open",
            ),
        ),
        AddIndexConcurrently(
            model_name="synclog",
            index=models.Index(
                fields=["opportunity", "-id"],
                include=("flow",),
                name="synclog_of_opportunity_flow",
            ),
        ),
        AddIndexConcurrently(
            model_name="synclog",
            index=models.Index(
                fields=["salesforce_id", "-id"], include=("flow",), name="synclog_of_record_flow"
            ),
        ),
        AddIndexConcurrently(
            model_name="synclog",
            index=models.Index(
                condition=models.Q(("outcome__in", ["failed", "skipped"])),
                fields=["-id"],
                include=("reason", "flow", "opportunity", "salesforce_id"),
                name="synclog_suspects",
            ),
        ),
        RemoveIndexConcurrently(model_name="synclog", name="synclog_of_opportunity"),
        RemoveIndexConcurrently(model_name="synclog", name="synclog_of_record"),
        migrations.RunSQL(_VACUUM_OFTEN, _AS_BEFORE),
    ]
