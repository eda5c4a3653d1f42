"""Of a version that is being prepared, the product is known before its issuer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0012_one_version_is_prepared_at_a_time")]

    operations = [
        migrations.RemoveConstraint("connection", "connection_has_issuer"),
        migrations.AddConstraint(
            "connection",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("issuer", ""), _negated=True),
                    models.Q(("is_live", False), ("retired_at", None)),
                    _connector="OR",
                ),
                name="connection_has_issuer",
            ),
        ),
    ]
