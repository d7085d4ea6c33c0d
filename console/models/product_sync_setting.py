"""How quote lines become opportunity products. Revisions are never changed; one is in force."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from console.models.choices import is_one_of
from syncrules.amount_fields import RECOMMENDED
from syncrules.sync_products import ZeroUsage


class ProductSyncSetting(models.Model):
    amount_field = models.CharField(
        max_length=120,
        default=RECOMMENDED,
        help_text="The currency field of the quote line that is sent as the amount.",
    )
    is_disabled = models.BooleanField("Disable Product Sync", default=False)
    zero_usage = models.CharField(
        "usage lines of quantity 0",
        max_length=12,
        choices=[(each.value, each.value.replace("_", " ")) for each in ZeroUsage],
        default=ZeroUsage.ONE_UNIT,
    )
    is_active = models.BooleanField(default=False, editable=False)
    reason_text = models.CharField("why", max_length=500)
    reverts_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    broken_pins = models.JSONField(
        default=list, editable=False, help_text="Pinned quotes that this revision breaks."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )
    created_by_name = models.CharField("by", max_length=150, editable=False)

    class Meta:
        verbose_name = "product sync setting"
        ordering = ["-id"]
        permissions = [("save_product_settings", "Can choose how products are synced")]
        constraints = [
            is_one_of("zero_usage", ZeroUsage, name="productsetting_zero_usage_is_known"),
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="productsetting_one_active"
            ),
            models.CheckConstraint(
                condition=~Q(reason_text=""), name="productsetting_has_a_reason"
            ),
            # and in SQL (migration 0002): a revision is never changed.
        ]

    def __str__(self) -> str:
        return f"revision {self.pk}"
