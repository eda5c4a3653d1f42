"""No partner can have the name of the page at which providers tell of sign-outs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0004_auth_method_private_key_jwt")]

    operations = [
        migrations.RemoveConstraint(model_name="partner", name="partner_slug_form"),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("slug__regex", "^[a-z0-9]+(-[a-z0-9]+)*$"),
                    models.Q(
                        (
                            "slug__in",
                            [
                                "backchannel-logout",
                                "callback",
                                "forget",
                                "help",
                                "initiate",
                                "link",
                                "timed-out",
                            ],
                        ),
                        _negated=True,
                    ),
                ),
                name="partner_slug_form",
            ),
        ),
    ]
