"""A domain that is confirmed by hand has a reason."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0013_a_prepared_version_may_lack_its_issuer")]

    operations = [
        migrations.AddField(
            "emaildomain",
            "verified_why",
            models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
    ]
