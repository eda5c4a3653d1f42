"""What the doctor has found, and when."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0003_secret_reminder"),
        ("partners", "0014_domain_confirmed_for_a_reason"),
    ]

    operations = [
        migrations.CreateModel(
            name="Examination",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("settings_digest", models.CharField(max_length=32)),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("by", models.CharField(max_length=254)),
                ("probed", models.BooleanField(default=False)),
                ("findings", models.JSONField(default=dict)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="examinations",
                        to="partners.connection",
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
    ]
