"""The intent to bring Salesforce in step with an opportunity. The row is the job.

queued -> sending -> sent | skipped | queued (again later) | parked | held | superseded
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from console.models.choices import is_one_of
from console.models.opportunity import Opportunity
from syncrules import api_budget


class PushState(models.TextChoices):
    QUEUED = "queued", "queued"
    SENDING = "sending", "being sent"
    SENT = "sent", "sent"
    SKIPPED = "skipped", "skipped"
    PARKED = "parked", "set aside"
    HELD = "held", "held"
    SUPERSEDED = "superseded", "superseded"


class PushLane(models.TextChoices):
    """What a push brings in step. Products wait for the link, and hold nothing else up."""

    LINK = "link", "link and primary quote"
    PRODUCTS = "products", "products"


class PushUrgency(models.IntegerChoices):
    """Who goes first: what somebody looks at, then what happened, then what was asked in bulk."""

    CLICK = api_budget.Urgency.CLICK.value, "somebody waits for it"
    EVENT = api_budget.Urgency.EVENT.value, "as it comes"
    BULK = api_budget.Urgency.BULK.value, "in bulk"


class OutboundPush(models.Model):
    """New columns have defaults of the database: a worker of the version before may still write."""

    State = PushState
    Lane = PushLane
    Urgency = PushUrgency

    WAITING = (State.QUEUED, State.HELD, State.PARKED)

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="pushes")
    lane = models.CharField(max_length=10, choices=Lane, default=Lane.LINK)
    urgency = models.PositiveSmallIntegerField(
        choices=Urgency, default=Urgency.EVENT, db_default=Urgency.EVENT
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    trigger = models.CharField(max_length=40)
    actor_name = models.CharField("on behalf of", max_length=150)
    requests = models.PositiveIntegerField(default=1, help_text="Edits that this push covers.")
    covers = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text="The latest of these edits: when, by what and by whom.",
    )
    requested_at = models.DateTimeField()
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    strikes = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="Batches with it that ended without anyone knowing whose fault it was.",
    )
    struck_at = models.DateTimeField(null=True, blank=True)
    unsure_until = models.DateTimeField(
        null=True, blank=True, help_text="Until when a write without an answer may still arrive."
    )
    claimed_by = models.CharField(max_length=100, blank=True, db_default="")
    fence = models.BigIntegerField(default=0, help_text="Raised by every claim.")
    lease_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "push"
        verbose_name_plural = "pushes"
        ordering = ["-id"]
        constraints = [
            is_one_of("state", PushState, name="push_state_is_known"),
            is_one_of("lane", PushLane, name="push_lane_is_known"),
            is_one_of("urgency", PushUrgency, name="push_urgency_is_known"),
            # Ten edits are one push; an edit during a push waits for the next one.
            models.UniqueConstraint(
                fields=["opportunity", "lane"],
                condition=Q(state__in=["queued", "held", "parked"]),
                name="push_one_waiting_per_opportunity",
            ),
            models.UniqueConstraint(
                fields=["opportunity", "lane"],
                condition=Q(state="sending"),
                name="push_one_sending_per_opportunity",
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False),
                name="push_sending_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(strikes=0) | Q(struck_at__isnull=False),
                name="push_strikes_have_a_time",
            ),
        ]
        indexes = [
            # The claim: what is due, oldest first.
            models.Index(
                fields=["lane", "urgency", "not_before", "id"],
                condition=Q(state="queued"),
                name="push_due",
            ),
            # The claim's other half: leases that ran out.
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="push_leases"),
            models.Index(fields=["state", "-id"], name="push_by_state"),  # list filter
            # The depth of the queue, for metrics and forecast, without looking at what is over.
            models.Index(
                fields=["state", "lane", "urgency", "requested_at"],
                condition=Q(state__in=["queued", "sending", "held", "parked"]),
                name="push_open",
            ),
            # Pruning, and the pace by which a backlog is judged.
            models.Index(
                fields=["finished_at"],
                condition=Q(finished_at__isnull=False),
                name="push_by_end",
            ),
        ]

    def __str__(self) -> str:
        return f"push {self.pk}"
