"""An attempt that waits for a prerequisite, and runs again by itself when that appears."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from console.models.choices import is_one_of


class WaitingState(models.TextChoices):
    WAITING = "waiting", "waiting"
    RELEASED = "released", "released, runs next"
    DONE = "done", "ran again"
    DROPPED = "dropped", "no longer needed"


class Waiting(models.Model):
    """`subject` is what the flow runs for: a Salesforce id, or an MN opportunity id."""

    State = WaitingState

    flow = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)
    prerequisite = models.CharField(max_length=40)
    key = models.CharField(max_length=128, help_text="Which quote, account, pair or connection.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    waiting_entry = models.BigIntegerField("log entry that waits")
    released_entry = models.BigIntegerField("log entry of the run", null=True)
    released_because = models.CharField(max_length=255, blank=True)
    since = models.DateTimeField(auto_now_add=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "waiting"
        ordering = ["-id"]
        constraints = [
            is_one_of("state", WaitingState, name="waiting_state_is_known"),
            models.UniqueConstraint(
                fields=["flow", "subject"],
                condition=Q(state__in=["waiting", "released"]),
                name="waiting_once_per_subject",
            ),
        ]
        indexes = [
            # The release: who waits for this?
            models.Index(
                fields=["prerequisite", "key"], condition=Q(state="waiting"), name="waiting_for"
            ),
            # The run: what was released?
            models.Index(fields=["id"], condition=Q(state="released"), name="waiting_released"),
            # The limit per hour.
            models.Index(fields=["flow", "subject", "released_at"], name="waiting_per_hour"),
            models.Index(fields=["since"], name="waiting_by_time"),  # pruning
        ]

    def __str__(self) -> str:
        return f"{self.flow} of {self.subject} waits for {self.prerequisite} {self.key}"
