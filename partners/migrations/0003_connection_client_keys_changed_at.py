"""A connection says when its keys changed, for the processes that have opened them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_client_key")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="client_keys_changed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
