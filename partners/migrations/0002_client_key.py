"""Keys of ours at a provider, their changes recorded."""

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name='ClientKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kid', models.CharField(max_length=43, unique=True)),
                ('algorithm', models.CharField(max_length=10)),
                ('jwk', models.JSONField()),
                ('private_key_sealed', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='client_keys', to='partners.connection')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clientkey',
            trigger=pgtrigger.compiler.Trigger(name='record_changes', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END; old_values jsonb := '{}'::jsonb; new_values jsonb := '{}'::jsonb; field text;", func="\nFOR field IN SELECT jsonb_object_keys(before || after) LOOP\n    CONTINUE WHEN field = ANY (ARRAY['id', 'connection_id', 'jwk']::text[]) OR before -> field IS NOT DISTINCT FROM after -> field;\n    IF field = ANY (ARRAY['private_key_sealed']::text[]) THEN\n        old_values := old_values || jsonb_build_object(field, '••••');\n        new_values := new_values || jsonb_build_object(field, '•••• changed');\n    ELSE\n        old_values := old_values || jsonb_build_object(field, before -> field);\n        new_values := new_values || jsonb_build_object(field, after -> field);\n    END IF;\nEND LOOP;\nIF old_values = new_values THEN\n    RETURN NULL;\nEND IF;\nINSERT INTO audit_event\n    (what, reason, reference, partner, subject, email, actor, agent, request_id, detail)\nVALUES (\n    'client_key.' || CASE TG_OP\n        WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END,\n    '', '', coalesce((SELECT p.slug FROM partners_connection c JOIN partners_partner p ON p.id = c.partner_id WHERE c.id = coalesce(after ->> 'connection_id', before ->> 'connection_id')::bigint), ''), '', '',\n    coalesce(nullif(current_setting('foyer.actor', true), ''), current_user), '', '',\n    jsonb_build_object(\n        'before', CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE old_values END,\n        'after', CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE new_values END));\nRETURN NULL;\n", hash='be020fc078295d1ae1f2c91ce9dcb04e25be0faa', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_record_changes_e9137', table='partners_clientkey', when='AFTER')),
        ),
    ]
