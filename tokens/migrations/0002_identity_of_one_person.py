"""An identity belongs to one person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tokens", "0001_initial")]

    operations = [
        migrations.AddConstraint(
            model_name="developeridentity",
            constraint=models.UniqueConstraint(
                fields=("identity_pool_id", "identity_id"), name="identity_of_one_person"
            ),
        ),
    ]
