"""Who may call the API: a name, signing secrets, and the groups whose quotes it may read."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import models

from console.models.fields import EncryptedTextField


class ApiClient(models.Model):
    key = models.SlugField(
        "client id", max_length=60, unique=True, help_text="Sent as the client-id header."
    )
    name = models.CharField(max_length=80)
    secret = EncryptedTextField(help_text="Signs the calls; at least 24 characters.")
    previous_secret = EncryptedTextField(
        blank=True, help_text="Still accepted while the sender changes to the new one."
    )
    groups = models.ManyToManyField(
        Group, blank=True, help_text="Restricted quotes are readable through these groups."
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "API client"
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name
