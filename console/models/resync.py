"""What was decided about the opportunities whose products a change of the settings left stale."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from console.models.choices import is_one_of
from console.models.opportunity import Opportunity
from console.models.product_sync_setting import ProductSyncSetting


class ResyncChoice(models.TextChoices):
    NOW = "now", "now"
    LATER = "later", "later"
    NOT = "not", "not at all"


class Resync(models.Model):
    """The pushes that a revision calls for. Done when they were asked for, or given up."""

    Choice = ResyncChoice

    revision = models.OneToOneField(
        ProductSyncSetting, on_delete=models.PROTECT, related_name="resync"
    )
    choice = models.CharField(max_length=5, choices=ResyncChoice)
    opportunities = models.ManyToManyField(Opportunity, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by_name = models.CharField("by", max_length=150, blank=True)

    class Meta:
        verbose_name = "re-sync"
        ordering = ["-id"]
        constraints = [is_one_of("choice", ResyncChoice, name="resync_choice_is_known")]
        indexes = [
            # The to-dos of the settings page.
            models.Index(
                fields=["revision"],
                condition=Q(done_at__isnull=True),
                name="resync_to_do",
            ),
        ]

    def __str__(self) -> str:
        return f"re-sync after revision {self.revision_id}"
