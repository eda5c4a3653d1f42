"""Codes by which people come back to a set-up, each for one browser."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("onboarding", "0004_examination")]

    operations = [
        migrations.CreateModel(
            name="ResumeCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("browser_digest", models.CharField(max_length=64)),
                ("code_digest", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField()),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resume_codes",
                        to="onboarding.setuplink",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="resume_code_expires_at")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["browser_digest", "link"], name="resume_code_once_per_browser"
                    )
                ],
            },
        ),
    ]
