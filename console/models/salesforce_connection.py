"""The Salesforce org that is synced with, its credentials, and whether it can be reached."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from console.models.choices import is_one_of
from console.models.fields import EncryptedTextField, SalesforceIdField


class ConnectionState(models.TextChoices):
    UNTRIED = "untried", "not tried yet"
    LIVE = "live", "live"
    BROKEN = "broken", "broken"


class SalesforceConnection(models.Model):
    State = ConnectionState

    name = models.CharField(max_length=80, unique=True)
    base_url = models.CharField(
        "My Domain URL",
        max_length=255,
        help_text="Such as https://acme.my.salesforce.com",
    )
    client_id = models.CharField("consumer key", max_length=255)
    client_secret = EncryptedTextField("consumer secret", blank=True)
    username = models.CharField(max_length=255, blank=True, help_text="For the JWT bearer flow.")
    private_key = EncryptedTextField(blank=True, help_text="PEM, for the JWT bearer flow.")
    organization_id = SalesforceIdField("organization", null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    is_local = models.BooleanField(default=False, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.UNTRIED, editable=False)
    state_since = models.DateTimeField(auto_now_add=True)
    detail = models.CharField("last error", max_length=500, blank=True, editable=False)
    session = EncryptedTextField(
        blank=True,
        db_default="",
        editable=False,
        help_text="The present token, shared by all processes.",
    )
    failures = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Failed calls since the last answer."
    )
    paused_until = models.DateTimeField(null=True, blank=True, editable=False)
    is_proven = models.BooleanField(
        default=True,
        db_default=True,
        editable=False,
        help_text="Whether a write was answered since it last broke.",
    )
    write_ms = models.FloatField(
        null=True, blank=True, editable=False, help_text="What writing one record takes, lately."
    )
    succeeded_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When a push last went through."
    )
    share_percent = models.PositiveSmallIntegerField(
        "share of the API allocation",
        default=50,
        db_default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="How many percent of the org's daily API calls the console may use.",
    )
    reserve_percent = models.PositiveSmallIntegerField(
        "reserve for what is urgent",
        default=10,
        db_default=10,
        validators=[MaxValueValidator(45)],
        help_text="Percent of it kept for clicks, and as much again for what happens.",
    )
    calls_used = models.PositiveIntegerField(null=True, blank=True, editable=False)
    calls_allowed = models.PositiveIntegerField(null=True, blank=True, editable=False)
    polled_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The watermark of the poll."
    )
    polled_last = SalesforceIdField(
        "last record polled",
        null=True,
        blank=True,
        editable=False,
        help_text="Behind it an unfinished poll goes on.",
    )
    next_poll_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "Salesforce connection"
        ordering = ["name"]
        constraints = [
            is_one_of("state", ConnectionState, name="connection_state_is_known"),
            models.CheckConstraint(
                condition=Q(share_percent__gte=1, share_percent__lte=100, reserve_percent__lte=45),
                name="connection_budget_is_possible",
            ),
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="connection_one_active"
            ),
        ]

    def __str__(self) -> str:
        return self.name
