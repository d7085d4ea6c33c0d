"""A customer account of MonetizeNow, and the Salesforce account it is matched to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from console.models.choices import is_one_of
from console.models.fields import CurrencyField, MnIdField, SalesforceIdField


class AccountStatus(models.TextChoices):
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    SUSPENDED = "SUSPENDED"
    CANCELED = "CANCELED"


class Account(models.Model):
    Status = AccountStatus

    mn_id = MnIdField()
    name = models.CharField(max_length=255)
    salesforce_id = SalesforceIdField("Salesforce account", null=True, blank=True)
    website = models.CharField(max_length=255, blank=True)
    currency = CurrencyField()
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    mn_updated_at = models.DateTimeField("updated in MN at")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        permissions = [("map_account", "Can match accounts to Salesforce accounts")]
        ordering = ["name", "id"]
        constraints = [
            # Matching an account must have one answer (flow "create from quote initiation").
            models.UniqueConstraint(
                fields=["salesforce_id"],
                condition=Q(salesforce_id__isnull=False),
                name="account_one_per_salesforce_account",
            ),
            is_one_of("status", AccountStatus, name="account_status_is_known"),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="account_by_name"),  # the list's ordering
        ]

    def __str__(self) -> str:
        return self.name
