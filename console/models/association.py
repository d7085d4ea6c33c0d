"""A stored link between an MN opportunity and a Salesforce opportunity. Ended ones are history."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from console.models.fields import SalesforceIdField
from console.models.opportunity import Opportunity


class Association(models.Model):
    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="associations"
    )
    salesforce_id = SalesforceIdField("Salesforce opportunity")
    linked_by = models.CharField("linked by flow", max_length=40)
    actor_name = models.CharField("on behalf of", max_length=150)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    linked_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # One-to-one pairing, held by the database on both sides.
            models.UniqueConstraint(
                fields=["opportunity"],
                condition=Q(ended_at__isnull=True),
                name="association_one_active_per_opportunity",
            ),
            models.UniqueConstraint(
                fields=["salesforce_id"],
                condition=Q(ended_at__isnull=True),
                name="association_one_active_per_record",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(ended_because=""),
                name="association_end_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["salesforce_id"], name="association_by_record"),  # history
        ]

    def __str__(self) -> str:
        return f"{self.opportunity} with {self.salesforce_id}"
