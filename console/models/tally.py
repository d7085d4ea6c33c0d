"""What was counted since the console exists, for its metrics: totals that only ever grow."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Tally(models.Model):
    """`labels` are values such as a flow or a reason, in the order that belongs to the name; never
    anything of a customer's."""

    name = models.CharField(max_length=40)
    labels = ArrayField(models.CharField(max_length=40))
    value = models.FloatField()

    class Meta:
        verbose_name_plural = "tallies"
        ordering = ["name", "labels"]
        constraints = [
            # Counted by an upsert.
            models.UniqueConstraint(fields=["name", "labels"], name="tally_one_per_labels"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {' '.join(self.labels)}: {self.value:g}"
