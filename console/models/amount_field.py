"""A custom Currency field of the quote line: a formula written here, or a field of the org."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from console.models.choices import is_one_of


class AmountFieldKind(models.TextChoices):
    FORMULA = "formula", "formula written here"
    DISCOVERED = "discovered", "field of the Salesforce quote item"


class BlankMode(models.TextChoices):
    ZERO = "zero", "blank fields count as zero"
    BLANK = "blank", "blank fields stay blank"


class AmountField(models.Model):
    """One version of a field. An edit is a new version; the old ones are its history."""

    Kind = AmountFieldKind
    Blanks = BlankMode

    name = models.CharField(
        "API name",
        max_length=120,
        validators=[RegexValidator(r"\A[A-Za-z][A-Za-z0-9_]*__c\Z", "Such as My_Amount__c.")],
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    is_current = models.BooleanField(default=True, editable=False)
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind)
    formula = models.TextField(
        blank=True,
        max_length=3900,
        help_text="Of a field of the org: how Salesforce computes it, if it does.",
    )
    blanks = models.CharField("blanks", max_length=6, choices=BlankMode, default=BlankMode.ZERO)
    note = models.CharField("why", max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )
    created_by_name = models.CharField("by", max_length=150, editable=False)

    class Meta:
        verbose_name = "custom currency field"
        ordering = ["name", "-version"]
        constraints = [
            is_one_of("kind", AmountFieldKind, name="amountfield_kind_is_known"),
            is_one_of("blanks", BlankMode, name="amountfield_blanks_is_known"),
            models.UniqueConstraint(fields=["name", "version"], name="amountfield_versions"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(is_current=True), name="amountfield_one_current"
            ),
            models.CheckConstraint(
                condition=Q(kind="discovered") | ~Q(formula=""),
                name="amountfield_formula_where_due",
            ),
        ]

    def __str__(self) -> str:
        return self.label
