"""A connection's provider may be one of four more products."""

from django.db import migrations, models

KINDS = ["entra", "okta", "auth0", "cognito", "google", "keycloak"]
KINDS += ["pingone", "onelogin", "jumpcloud", "authentik", "other"]


class Migration(migrations.Migration):
    dependencies = [("partners", "0010_versions_of_a_connection")]

    operations = [
        migrations.RemoveConstraint("connection", "connection_provider_kind"),
        migrations.AlterField(
            model_name="connection",
            name="provider",
            field=models.CharField(
                choices=[
                    ("entra", "Microsoft Entra ID"),
                    ("okta", "Okta"),
                    ("auth0", "Auth0"),
                    ("cognito", "Amazon Cognito"),
                    ("google", "Google Workspace"),
                    ("keycloak", "Keycloak"),
                    ("pingone", "PingOne"),
                    ("onelogin", "OneLogin"),
                    ("jumpcloud", "JumpCloud"),
                    ("authentik", "authentik"),
                    ("other", "Another OpenID Connect provider"),
                ],
                default="other",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            "connection",
            models.CheckConstraint(
                condition=models.Q(provider__in=KINDS), name="connection_provider_kind"
            ),
        ),
    ]
