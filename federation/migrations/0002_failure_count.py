from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("federation", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="FailureCount",
            fields=[
                (
                    "key",
                    models.CharField(max_length=200, primary_key=True, serialize=False),
                ),
                ("count", models.PositiveIntegerField()),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE federation_failurecount SET UNLOGGED",
            "ALTER TABLE federation_failurecount SET LOGGED",
        ),
    ]
