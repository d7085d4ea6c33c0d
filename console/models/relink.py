"""A change of partner: the plan for both sides, how far it got, and whether it was undone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from console.models.association import Association
from console.models.choices import is_one_of
from console.models.fields import SalesforceIdField
from console.models.opportunity import Opportunity


class RelinkState(models.TextChoices):
    PENDING = "pending", "waiting for Salesforce"
    DONE = "done", "done"
    COMPENSATED = "compensated", "taken back: Salesforce refused"
    UNDONE = "undone", "undone"


class Relink(models.Model):
    """`new` empty: an unlink. Salesforce's half is done by the push flow; `steps` records both."""

    State = RelinkState

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="relinks")
    old = models.ForeignKey(
        Association, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    new = models.ForeignKey(
        Association, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    old_reference = SalesforceIdField(
        "creation reference before", null=True, blank=True, help_text="Put back by an undo."
    )
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    reason_text = models.CharField("why", max_length=500)
    steps = models.JSONField(default=list)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField("by", max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            is_one_of("state", RelinkState, name="relink_state_is_known"),
            # The push flow finds at most one change per opportunity that Salesforce still lacks.
            models.UniqueConstraint(
                fields=["opportunity"],
                condition=Q(state="pending"),
                name="relink_one_pending_per_opportunity",
            ),
            models.CheckConstraint(condition=~Q(reason_text=""), name="relink_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"relink {self.pk}"
