"""A session holds a developer token, sealed, and says who is renewing it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="developer_token",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AddField(
            model_name="session",
            name="renewing_until",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
