"""Which reminders have been sent."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0002_domain_challenge"),
        ("partners", "0014_domain_confirmed_for_a_reason"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecretReminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ends_on", models.DateField()),
                ("days", models.PositiveSmallIntegerField()),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=models.deletion.CASCADE,
                        related_name="secret_reminders",
                        to="partners.partner",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("partner", "ends_on", "days"), name="secret_reminder_once"
                    )
                ],
            },
        ),
    ]
