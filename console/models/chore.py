"""A chore that the sweeper does now and then, a little at a time, and how far it has come."""

from __future__ import annotations

from django.db import models


class Chore(models.Model):
    """Whoever moves `not_before` on has the next turn; a turn that is never ended lapses so."""

    name = models.CharField(max_length=40, primary_key=True)
    not_before = models.DateTimeField()
    position = models.JSONField(default=dict, help_text="Where the next turn goes on.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, not before {self.not_before:%Y-%m-%d %H:%M}"
