"""A connection may authenticate with a key."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0003_connection_client_keys_changed_at")]

    operations = [
        migrations.AlterField(
            model_name="connection",
            name="token_endpoint_auth_method",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "What the provider offers"),
                    ("client_secret_basic", "client_secret_basic"),
                    ("client_secret_post", "client_secret_post"),
                    ("private_key_jwt", "private_key_jwt: a key of ours, no secret"),
                ],
                default="",
                max_length=32,
            ),
        ),
    ]
