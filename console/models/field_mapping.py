"""Which Salesforce opportunity value fills which field of a new quote."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q


class FieldMapping(models.Model):
    source = models.CharField(
        "Salesforce opportunity field",
        max_length=80,
        validators=[
            RegexValidator(r"\A[A-Za-z][A-Za-z0-9_]*\Z", "An API name, such as Segment__c.")
        ],
    )
    target = models.CharField(
        "quote field",
        max_length=80,
        help_text="A field of the quote, or custom:name for a custom field of the quote.",
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["target"]
        constraints = [
            # Two sources for one field would leave the winner to chance.
            models.UniqueConstraint(
                fields=["target"],
                condition=Q(is_active=True),
                name="fieldmapping_one_active_per_target",
                violation_error_message="Another active mapping fills this quote field already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} fills {self.target}"
