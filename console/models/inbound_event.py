"""What Salesforce told us, by a signed call or found by the poll. Makes repeats harmless."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from console.models.choices import is_one_of


class InboundSource(models.TextChoices):
    HTTP = "http", "signed call"
    POLL = "poll", "poll"


class InboundState(models.TextChoices):
    RECEIVED = "received", "received"
    PROCESSED = "processed", "processed"
    STALE = "stale", "stale"
    ECHO = "echo", "echo of our own write"
    REFUSED = "refused", "refused"


class InboundKind(models.TextChoices):
    OPPORTUNITY = "opportunity", "opportunity"
    QUOTE_INITIATION = "quote_initiation", "quote initiation"


class InboundEvent(models.Model):
    Kind = InboundKind
    Source = InboundSource
    State = InboundState

    received_at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=8, choices=Source)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.OPPORTUNITY)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    sender = models.CharField(max_length=80, help_text="The API client, or the poll.")
    event_id = models.CharField(max_length=120, blank=True)
    salesforce_id = models.CharField(max_length=18, blank=True)
    modified_at = models.DateTimeField(null=True, help_text="SystemModstamp of the record.")
    payload = models.JSONField(default=dict)
    repeats = models.PositiveIntegerField(default=0, help_text="How often it came again.")
    refusal = models.CharField(max_length=500, blank=True)
    claimed_until = models.DateTimeField(null=True, help_text="Somebody is acting upon it.")
    log_entry = models.BigIntegerField(null=True)
    processed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            is_one_of("source", InboundSource, name="inbound_source_is_known"),
            is_one_of("kind", InboundKind, name="inbound_kind_is_known"),
            is_one_of("state", InboundState, name="inbound_state_is_known"),
            # The same event twice is one event, whether it is polled or sent again.
            models.UniqueConstraint(
                fields=["sender", "event_id"],
                condition=~Q(state="refused") & ~Q(event_id=""),
                name="inbound_one_per_event",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="inbound_by_state"),  # list filter
            models.Index(fields=["salesforce_id", "-modified_at"], name="inbound_of_record"),
            models.Index(fields=["received_at"], name="inbound_by_time"),  # pruning
            # The claim: what still waits.
            models.Index(fields=["id"], condition=Q(state="received"), name="inbound_waiting"),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"
