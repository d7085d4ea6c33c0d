"""What was decided, why, from which facts, and what was sent. Append-only; names are frozen."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper

from console.models.choices import is_one_of
from syncrules.reasons import Outcome, Owner, Reason, describe


class SyncLog(models.Model):
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    flow = models.CharField(max_length=40)
    outcome = models.CharField(
        max_length=16,
        choices=[(outcome.value, outcome.value.replace("_", " ")) for outcome in Outcome],
    )
    reason = models.CharField(max_length=40)
    trigger = models.CharField(max_length=40)
    actor_name = models.CharField("on behalf of", max_length=150)
    opportunity = models.ForeignKey(
        "console.Opportunity",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # synclog_of_opportunity_flow begins with it
        null=True,
        related_name="+",
        help_text="Without a constraint: the entry outlives what it describes.",
    )
    opportunity_mn_id = models.CharField(max_length=64, blank=True)
    opportunity_name = models.CharField(max_length=255, blank=True)
    account_name = models.CharField(max_length=255, blank=True)
    quote_mn_id = models.CharField(max_length=64, blank=True)
    salesforce_id = models.CharField(max_length=18, blank=True)
    resolved_by = models.CharField(max_length=20, blank=True)
    push_id = models.BigIntegerField(null=True)
    settings_revision = models.BigIntegerField(null=True)
    covers = models.JSONField(null=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    facts = models.JSONField()
    decision = models.JSONField()
    request = models.JSONField(null=True)
    response = models.JSONField(null=True)
    detail = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "sync log entry"
        verbose_name_plural = "sync log"
        ordering = ["-id"]
        constraints = [
            is_one_of("outcome", Outcome, name="synclog_outcome_is_known"),
            is_one_of("reason", Reason, name="synclog_reason_is_known"),
        ]
        indexes = [
            models.Index(fields=["outcome", "-id"], name="synclog_by_outcome"),  # list filter
            models.Index(fields=["reason", "-id"], name="synclog_by_reason"),  # list filter
            models.Index(fields=["flow", "-id"], name="synclog_by_flow"),  # list filter
            # History; and whether a later attempt of the same flow has overtaken an entry, which
            # is asked of many at once and must not read the entries themselves.
            models.Index(
                fields=["opportunity", "-id"], include=["flow"], name="synclog_of_opportunity_flow"
            ),
            models.Index(
                fields=["salesforce_id", "-id"], include=["flow"], name="synclog_of_record_flow"
            ),
            # What needs somebody: of which entries that is asked.
            models.Index(
                fields=["-id"],
                include=["reason", "flow", "opportunity", "salesforce_id"],
                condition=Q(outcome__in=["failed", "skipped"]),
                name="synclog_suspects",
            ),
            models.Index(fields=["created_at"], name="synclog_by_time"),  # pruning
            models.Index(fields=["quote_mn_id"], name="synclog_of_quote"),  # the search box
            models.Index(fields=["opportunity_mn_id"], name="synclog_of_mn_id"),  # the search box
            # The search box for words; Django's icontains compares UPPER(column).
            GinIndex(
                OpClass(Upper("opportunity_name"), name="gin_trgm_ops"),
                OpClass(Upper("account_name"), name="gin_trgm_ops"),
                name="synclog_by_words",
            ),
        ]

    def __str__(self) -> str:
        return f"entry {self.pk}: {self.title}"

    @property
    def title(self) -> str:
        return describe(Reason(self.reason)).title

    @property
    def owner(self) -> Owner:
        return describe(Reason(self.reason)).owner
