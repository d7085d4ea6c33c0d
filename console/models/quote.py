"""A quote of MonetizeNow and its lines."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q

from console.models.account import Account
from console.models.choices import is_one_of
from console.models.fields import CurrencyField, MnIdField
from console.models.product import PricebookEntry, Product
from syncrules.facts import QuoteStatus


class QuoteType(models.TextChoices):
    NEW = "NEW"
    AMENDMENT = "AMENDMENT"
    RENEWAL = "RENEWAL"


class AmendmentStatus(models.TextChoices):
    NO_CHANGE = "NO_CHANGE"
    ADDED = "ADDED"
    UPDATED = "UPDATED"
    REMOVED = "REMOVED"


class LineRole(models.TextChoices):
    STANDARD = "STANDARD"
    REFERENCE = "REFERENCE"


class SyncOverride(models.TextChoices):
    NEVER = "Never"
    ALWAYS = "Always"


class Quote(models.Model):
    Type = QuoteType

    mn_id = MnIdField()
    opportunity = models.ForeignKey(
        "console.Opportunity",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="quotes",
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="quotes")
    type = models.CharField(max_length=12, choices=Type, default=Type.NEW)
    status = models.CharField(
        max_length=24,
        choices=[(status.value, status.value) for status in QuoteStatus],
        default=QuoteStatus.DRAFT,
    )
    status_since = models.DateTimeField()
    description = models.CharField(max_length=255, blank=True)
    currency = CurrencyField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    contract_start = models.DateField(null=True, blank=True)
    contract_end = models.DateField(null=True, blank=True)
    custom_values = models.JSONField(default=dict, blank=True)
    mapping_problems = models.JSONField(
        default=list, blank=True, help_text="Field mappings whose value did not fit."
    )
    readers = models.ManyToManyField(
        Group,
        blank=True,
        help_text="Only these groups may read the quote; nobody chosen means everybody may.",
    )
    mn_updated_at = models.DateTimeField("updated in MN at")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            is_one_of("type", QuoteType, name="quote_type_is_known"),
            is_one_of("status", QuoteStatus, name="quote_status_is_known"),
            # The target of the composite key opportunity_primary_is_its_own.
            models.UniqueConstraint(fields=["id", "opportunity"], name="quote_id_and_opportunity"),
            models.CheckConstraint(
                condition=Q(contract_start__isnull=True)
                | Q(contract_end__isnull=True)
                | Q(contract_end__gte=F("contract_start")),
                name="quote_ends_after_it_starts",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="quote_by_status"),  # list filter
        ]

    def __str__(self) -> str:
        return f"{self.mn_id} {self.description}".strip()


class QuoteItem(models.Model):
    """One line. Amounts are in the quote's currency; ramps are several lines of one product."""

    AmendmentStatus = AmendmentStatus
    Role = LineRole
    Override = SyncOverride

    mn_id = MnIdField()
    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField(default=0)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True)
    pricebook_entry = models.ForeignKey(
        PricebookEntry, on_delete=models.PROTECT, null=True, blank=True
    )
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    unit_price = models.DecimalField(
        max_digits=18, decimal_places=4, help_text="Per unit and billing period, after discounts."
    )
    billing_months = models.PositiveSmallIntegerField(
        default=12, help_text="Months that one unit price covers; 0 for a one-time charge."
    )
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)
    role = models.CharField(max_length=12, choices=Role, default=Role.STANDARD)
    amendment_status = models.CharField(
        max_length=12, choices=AmendmentStatus, default=AmendmentStatus.ADDED
    )
    previous_arr = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    override = models.CharField(
        max_length=6,
        choices=[("", "by the rules"), *Override.choices],
        blank=True,
        default="",
    )
    override_reason = models.CharField(max_length=500, blank=True)
    override_by_name = models.CharField("override by", max_length=150, blank=True)
    override_at = models.DateTimeField(null=True, blank=True)
    salesforce_override = models.CharField(
        "override in Salesforce",
        max_length=6,
        blank=True,
        default="",
        help_text="What monetize__OverrideOpportunitySync__c held when it was last read.",
    )
    custom_values = models.JSONField(
        default=dict, blank=True, help_text="Custom currency fields as read from Salesforce."
    )
    custom_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["quote", "position", "id"]
        permissions = [("override_product_sync", "Can override which lines are synced")]
        constraints = [
            is_one_of("role", LineRole, name="quoteitem_role_is_known"),
            is_one_of("amendment_status", AmendmentStatus, name="quoteitem_amendment_is_known"),
            is_one_of("override", ["", *SyncOverride], name="quoteitem_override_is_known"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0), name="quoteitem_quantity_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mn_id} ({self.product or 'no product'})"
