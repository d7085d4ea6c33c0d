"""A product of the catalog (an offering and product pair), as MonetizeNow has it."""

from __future__ import annotations

from django.db import models

from console.models.choices import is_one_of
from console.models.fields import CurrencyField, MnIdField, SalesforceIdField


class ProductType(models.TextChoices):
    ADVANCE = "ADVANCE"
    ARREARS = "ARREARS"
    USAGE = "USAGE"
    ONETIME = "ONETIME"
    ONETIME_PREPAID_CREDIT = "ONETIME_PREPAID_CREDIT"
    MIN_COMMIT = "MIN_COMMIT"


class Product(models.Model):
    Type = ProductType

    mn_id = MnIdField()
    name = models.CharField(max_length=255)
    product_type = models.CharField(max_length=24, choices=Type)
    salesforce_id = SalesforceIdField("Salesforce product", null=True, blank=True)
    is_active = models.BooleanField(default=True)
    mn_updated_at = models.DateTimeField("updated in MN at")

    class Meta:
        ordering = ["name", "id"]
        constraints = [is_one_of("product_type", ProductType, name="product_type_is_known")]

    def __str__(self) -> str:
        return self.name


class PricebookEntry(models.Model):
    """A price of a product in one price book and currency, as Salesforce lists it."""

    mn_id = MnIdField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="pricebook_entries")
    salesforce_id = SalesforceIdField("Salesforce pricebook entry", unique=True)
    pricebook_salesforce_id = SalesforceIdField("Salesforce price book")
    currency = CurrencyField()
    unit_price = models.DecimalField(max_digits=18, decimal_places=2)
    is_active = models.BooleanField(default=True)
    mn_updated_at = models.DateTimeField("updated in MN at")

    class Meta:
        verbose_name_plural = "pricebook entries"
        ordering = ["product", "currency", "id"]

    def __str__(self) -> str:
        return f"{self.product} in {self.currency}"
