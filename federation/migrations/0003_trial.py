"""Test sign-ins: who began each, with which settings, and how it ended."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("federation", "0002_failure_count"),
        ("partners", "0010_versions_of_a_connection"),
    ]

    operations = [
        migrations.CreateModel(
            name="Trial",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("by", models.CharField(max_length=254)),
                ("settings_digest", models.CharField(max_length=32)),
                (
                    "began_at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=64)),
                ("detail", models.CharField(blank=True, default="", max_length=300)),
                ("provider_error", models.CharField(blank=True, default="", max_length=120)),
                ("provider_description", models.CharField(blank=True, default="", max_length=120)),
                ("facts", models.JSONField(default=dict)),
                ("person_digest", models.CharField(blank=True, default="", max_length=32)),
                ("subject_digest", models.CharField(blank=True, default="", max_length=32)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trials",
                        to="partners.connection",
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
    ]
