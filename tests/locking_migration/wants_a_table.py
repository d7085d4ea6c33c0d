"""A migration that needs a table for itself, as most do."""

from django.db import migrations


class Migration(migrations.Migration):
    operations = [
        migrations.RunSQL("LOCK TABLE console_waiting IN ACCESS EXCLUSIVE MODE"),
    ]
