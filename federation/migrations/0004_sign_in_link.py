"""Links that were mailed to addresses of hidden partners."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("federation", "0003_trial"),
        ("partners", "0010_versions_of_a_connection"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignInLink",
            fields=[
                ("digest", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("browser_digest", models.BinaryField(max_length=32)),
                ("email", models.CharField(max_length=254)),
                ("return_to", models.CharField(max_length=256)),
                ("remember", models.BooleanField()),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
            ],
        ),
    ]
