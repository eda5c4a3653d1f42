"""Of a version that is being prepared, a test sign-in tells about our keys as well."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("partners", "0015_expected_end_of_a_pause")]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="connection",
            trigger=pgtrigger.compiler.Trigger(
                name="tested_with_these_keys",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NOT NEW."is_live" AND NEW."retired_at" IS NULL AND OLD."client_keys_changed_at" IS DISTINCT FROM (NEW."client_keys_changed_at"))',
                    func="NEW.tested_at := NULL; RETURN NEW;",
                    hash="85a65799619077ddc58e8782ab4e66d354c382e7",
                    operation="UPDATE",
                    pgid="pgtrigger_tested_with_these_keys_b68ce",
                    table="partners_connection",
                    when="BEFORE",
                ),
            ),
        ),
    ]
