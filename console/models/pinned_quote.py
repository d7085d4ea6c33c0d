"""A real quote with the products and amounts that RevOps expects of it, as a test of settings."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from console.models.quote import Quote


class PinnedQuote(models.Model):
    """`expected`: one object per line, with its MN id, whether it goes, and its amount as text."""

    quote = models.OneToOneField(Quote, on_delete=models.CASCADE, related_name="pin")
    expected = models.JSONField()
    note = models.CharField(max_length=500, blank=True)
    pinned_at = models.DateTimeField(auto_now_add=True)
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )
    pinned_by_name = models.CharField("by", max_length=150, editable=False)

    class Meta:
        ordering = ["-id"]
        permissions = [("pin_quote", "Can pin quotes")]

    def __str__(self) -> str:
        return f"pin of {self.quote}"
