"""The opportunities that a change of the product sync settings left stale."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("console", "0002_rules_in_sql")]

    operations = [
        migrations.CreateModel(
            name="Resync",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "choice",
                    models.CharField(
                        choices=[("now", "now"), ("later", "later"), ("not", "not at all")],
                        max_length=5,
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "done_by_name",
                    models.CharField(blank=True, max_length=150, verbose_name="by"),
                ),
                (
                    "revision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resync",
                        to="console.productsyncsetting",
                    ),
                ),
                (
                    "opportunities",
                    models.ManyToManyField(related_name="+", to="console.opportunity"),
                ),
            ],
            options={
                "verbose_name": "re-sync",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["revision"],
                        condition=Q(done_at__isnull=True),
                        name="resync_to_do",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(choice__in=["later", "not", "now"]),
                        name="resync_choice_is_known",
                    )
                ],
            },
        )
    ]
