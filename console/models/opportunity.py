"""An opportunity of MonetizeNow with its primary quote."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from console.models.account import Account
from console.models.choices import is_one_of
from console.models.fields import CurrencyField, MnIdField, SalesforceIdField
from syncrules.facts import OpportunityStatus


class Opportunity(models.Model):
    mn_id = MnIdField()
    name = models.CharField(max_length=255)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="opportunities")
    status = models.CharField(
        max_length=16,
        choices=[(status.value, status.value) for status in OpportunityStatus],
        default=OpportunityStatus.ACTIVE,
    )
    status_since = models.DateTimeField()
    currency = CurrencyField()
    owner_name = models.CharField("owner", max_length=120, blank=True)
    close_date = models.DateField(null=True, blank=True)
    # Deferrable together with the composite key below: a quote and the opportunity whose primary
    # it becomes may arrive in one transaction.
    primary_quote = models.OneToOneField(
        "console.Quote",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="primary_of",
    )
    primary_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    primary_set_how = models.CharField(max_length=40, blank=True, editable=False)
    primary_set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False
    )
    creation_reference = SalesforceIdField(
        "referenced at creation",
        null=True,
        blank=True,
        help_text="The Salesforce opportunity that was named when this one was created.",
    )
    mn_updated_at = models.DateTimeField("updated in MN at")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "opportunities"
        permissions = [
            ("link_opportunity", "Can link and unlink opportunities"),
            ("set_primary_quote", "Can set the primary quote"),
            ("push_opportunity", "Can push to Salesforce"),
        ]
        ordering = ["-id"]
        constraints = [
            is_one_of("status", OpportunityStatus, name="opportunity_status_is_known"),
            models.CheckConstraint(
                condition=Q(primary_quote__isnull=True) | Q(primary_set_at__isnull=False),
                name="opportunity_primary_has_a_time",
            ),
            # and in SQL (migration 0002): opportunity_primary_is_its_own, a composite foreign
            # key (primary_quote_id, id) -> quote (id, opportunity_id).
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="opportunity_by_status"),  # list filter
            # Finds who was created from a record (flow "push outbound", explain).
            models.Index(
                fields=["creation_reference"],
                condition=Q(creation_reference__isnull=False),
                name="opportunity_by_reference",
            ),
        ]

    def __str__(self) -> str:
        return self.name
