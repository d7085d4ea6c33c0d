"""The drift ledger: a field of a record that the two systems hold differently. Closed rows stay."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from console.models.choices import is_one_of
from console.models.fields import SalesforceIdField
from console.models.opportunity import Opportunity
from console.models.outbound_push import OutboundPush
from console.models.reconcile_run import ReconcileRun
from syncrules.drift import Because, DriftField, Verdict
from syncrules.line_reasons import LineReason

KEPT_VERDICTS = [verdict for verdict in Verdict if verdict is not Verdict.EQUAL]


class Drift(models.Model):
    """`salesforce_id` is the record that the row is about: a partner, or one that only claims to
    be. `opportunity` is ours, where there is one. Names are frozen, as in the sync log."""

    Field = DriftField
    Verdict = Verdict

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.CASCADE, null=True, blank=True, related_name="drift"
    )
    name = models.CharField("opportunity", max_length=255)
    mn_id = models.CharField("MN id", max_length=64)
    salesforce_id = SalesforceIdField("Salesforce opportunity")
    field = models.CharField(
        max_length=20, choices=[(each.value, each.value.replace("_", " ")) for each in DriftField]
    )
    part = models.CharField(
        max_length=64, blank=True, help_text="The quote item, or a product that stands for none."
    )
    part_name = models.CharField(max_length=255, blank=True)
    ours = models.CharField("in MonetizeNow", max_length=255, null=True, blank=True)
    theirs = models.CharField("in Salesforce", max_length=255, null=True, blank=True)
    money = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    verdict = models.CharField(
        max_length=16,
        choices=[(each.value, each.value.replace("_", " ")) for each in KEPT_VERDICTS],
    )
    because = models.CharField(max_length=24)
    obstacle = models.CharField(max_length=40, blank=True)
    # Pairs of name and value: jsonb would sort the keys of an object.
    evidence = models.JSONField(default=list, blank=True)
    changed_by = models.CharField("last changed in Salesforce by", max_length=255, blank=True)
    changed_at = models.DateTimeField("last changed in Salesforce", null=True, blank=True)
    push = models.ForeignKey(
        OutboundPush,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The latest push that was to mend it.",
    )
    awaits_push = models.BooleanField(
        default=False, help_text="When the push has ended, both sides are compared again."
    )
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(ReconcileRun, on_delete=models.PROTECT, related_name="+")
    seen_by = models.ForeignKey(ReconcileRun, on_delete=models.PROTECT, related_name="+")
    closed_by = models.ForeignKey(
        ReconcileRun, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "drift row"
        ordering = ["-id"]
        constraints = [
            is_one_of("field", DriftField, name="drift_field_is_known"),
            is_one_of("verdict", KEPT_VERDICTS, name="drift_verdict_is_known"),
            is_one_of("because", Because, name="drift_because_is_known"),
            is_one_of("obstacle", ["", *LineReason], name="drift_obstacle_is_known"),
            # Later runs find the row again, and keep since when it is open.
            models.UniqueConstraint(
                fields=["salesforce_id", "field", "part"],
                condition=Q(closed_at__isnull=True),
                name="drift_one_open_per_place",
            ),
            models.CheckConstraint(
                condition=Q(money__isnull=True) | (Q(money__gte=0) & ~Q(currency="")),
                name="drift_money_has_a_currency",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="drift_end_has_a_run",
            ),
        ]
        indexes = [
            # The list as it opens, and what its filters narrow it to.
            models.Index(fields=["-id"], condition=Q(closed_at__isnull=True), name="drift_open"),
            models.Index(
                fields=["verdict", "-id"],
                condition=Q(closed_at__isnull=True),
                name="drift_open_by_verdict",
            ),
            models.Index(
                fields=["field", "-id"],
                condition=Q(closed_at__isnull=True),
                name="drift_open_by_field",
            ),
            # The sums above the list, which touch no row.
            models.Index(
                fields=["verdict", "currency", "money"],
                condition=Q(closed_at__isnull=True),
                name="drift_sums",
            ),
            # Whose push has ended and is to be followed by a comparison?
            models.Index(fields=["push"], condition=Q(awaits_push=True), name="drift_awaits_push"),
            models.Index(fields=["salesforce_id", "-id"], name="drift_of_record"),  # the search box
            models.Index(fields=["mn_id", "-id"], name="drift_of_mn_id"),  # the search box
            # The search box for words; Django's icontains compares UPPER(column).
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="drift_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.field.replace('_', ' ')}"
