"""When a kind of process was last at work on a host. An idle worker is known to RQ alone."""

from __future__ import annotations

from django.db import models

from console.models.choices import is_one_of


class ProcessKind(models.TextChoices):
    SWEEPER = "sweeper", "sweeper"
    WORKER = "worker", "worker"


class Heartbeat(models.Model):
    Kind = ProcessKind

    kind = models.CharField(max_length=10, choices=ProcessKind)
    host = models.CharField(max_length=255)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "host"]
        constraints = [
            is_one_of("kind", ProcessKind, name="heartbeat_kind_is_known"),
            # Kept by an upsert.
            models.UniqueConstraint(fields=["kind", "host"], name="heartbeat_one_per_host"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.host}"
