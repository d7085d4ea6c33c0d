"""How many API calls the console made in an hour, whichever of its processes made them."""

from __future__ import annotations

from django.db import models

from console.models.salesforce_connection import SalesforceConnection


class ApiCalls(models.Model):
    connection = models.ForeignKey(
        SalesforceConnection, on_delete=models.CASCADE, related_name="api_calls"
    )
    hour = models.DateTimeField(help_text="Its beginning.")
    calls = models.PositiveIntegerField()

    class Meta:
        verbose_name = "API calls of an hour"
        verbose_name_plural = "API calls by hour"
        ordering = ["-hour"]
        constraints = [
            # Counted by an upsert; also the order in which the last day is summed up.
            models.UniqueConstraint(fields=["connection", "hour"], name="apicalls_one_per_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.calls} calls at {self.hour:%Y-%m-%d %H:00}"
