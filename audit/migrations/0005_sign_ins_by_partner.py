from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    # The trail is written with every sign-in: none may wait for the index of a long one.
    atomic = False

    dependencies = [
        ('audit', '0004_field_names'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='event',
            index=models.Index(condition=models.Q(('what__in', ['login.succeeded', 'login.refused'])), fields=['what', 'partner', 'at'], include=('reason',), name='audit_event_sign_ins'),
        ),
    ]
