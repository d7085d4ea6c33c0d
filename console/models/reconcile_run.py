"""One comparison of both sides: how far it has come, and what it found."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from console.models.choices import is_one_of


class RunState(models.TextChoices):
    RUNNING = "running", "under way"
    DONE = "done", "done"
    FAILED = "failed", "given up"


class RunPhase(models.TextChoices):
    """In the order in which they come. Each goes through its records by their order in the
    database, or in Salesforce, a slice at a time."""

    PAIRS = "pairs", "links and primary quotes"
    PRODUCTS = "products", "products and totals"
    CLAIMS = "claims", "records of nobody"


class ReconcileRun(models.Model):
    """A run survives whoever works on it: who claims it next goes on `behind` the last slice."""

    State = RunState
    Phase = RunPhase

    trigger = models.CharField(max_length=40)
    actor_name = models.CharField("on behalf of", max_length=150)
    only = ArrayField(
        models.BigIntegerField(),
        null=True,
        blank=True,
        help_text="The opportunities to compare; nothing means all of them.",
    )
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.PAIRS)
    behind = models.CharField(max_length=20, blank=True, help_text="The last record compared.")
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0, help_text="Raised by every claim.")
    failures = models.PositiveSmallIntegerField(default=0)
    detail = models.TextField("what keeps it waiting", blank=True)

    compared = models.PositiveIntegerField(default=0)
    passed_over = models.PositiveIntegerField(
        default=0, help_text="Compared while a push was being sent, so not judged."
    )
    equal = models.PositiveIntegerField(default=0)
    ours_newer = models.PositiveIntegerField(default=0)
    theirs_changed = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    foreign = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField("API calls", default=0)

    class Meta:
        verbose_name = "comparison"
        ordering = ["-id"]
        permissions = [("start_reconcile", "Can compare both sides")]
        constraints = [
            is_one_of("state", RunState, name="reconcilerun_state_is_known"),
            is_one_of("phase", RunPhase, name="reconcilerun_phase_is_known"),
            # Two sweepers that find one due start one.
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state="running", only__isnull=True),
                name="reconcilerun_one_of_all",
            ),
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True)
                | (~Q(state="running") & Q(finished_at__isnull=False)),
                name="reconcilerun_end_has_a_time",
            ),
        ]
        indexes = [
            # The claim.
            models.Index(
                fields=["not_before"], condition=Q(state="running"), name="reconcilerun_due"
            ),
            # Whether one is due, and what the pages say of the last one.
            models.Index(
                fields=["-id"], condition=Q(only__isnull=True), name="reconcilerun_of_all"
            ),
        ]

    def __str__(self) -> str:
        return f"comparison {self.pk}"
