"""When something was done is told by one clock, whichever machine did it."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("console", "0008_size_indexes")]

    operations = [
        migrations.AlterField(
            model_name="association",
            name="linked_at",
            field=models.DateTimeField(db_default=Now(), editable=False),
        ),
        migrations.AlterField(
            model_name="synclog",
            name="created_at",
            field=models.DateTimeField(db_default=Now(), editable=False),
        ),
    ]
