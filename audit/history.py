"""The history of a record, written by the database whenever a recorded row changes.

A trigger and not a signal: ``QuerySet.update()``, a migration and a person at ``psql`` are recorded
like everybody else.
"""

import pgtrigger

OWN_SLUG = "coalesce(after ->> 'slug', before ->> 'slug')"
"""SQL that names the partner when the recorded row is the partner itself."""

_FUNCTION = """
FOR field IN SELECT jsonb_object_keys(before || after) LOOP
    CONTINUE WHEN field = ANY ({hidden}) OR before -> field IS NOT DISTINCT FROM after -> field;
    IF field = ANY ({sealed}) THEN
        old_values := old_values || jsonb_build_object(field, '••••');
        new_values := new_values || jsonb_build_object(field, '•••• changed');
    ELSE
        old_values := old_values || jsonb_build_object(field, before -> field);
        new_values := new_values || jsonb_build_object(field, after -> field);
    END IF;
END LOOP;
IF old_values = new_values THEN
    RETURN NULL;
END IF;
INSERT INTO audit_event
    (what, reason, reference, partner, subject, email, actor, address, agent, request_id, detail)
VALUES (
    '{record}.' || CASE TG_OP
        WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END,
    '', '', coalesce({slug}, ''), '', '',
    coalesce(nullif(current_setting('foyer.actor', true), ''), current_user),
    nullif(current_setting('foyer.address', true), '')::inet,
    coalesce(current_setting('foyer.agent', true), ''),
    coalesce(current_setting('foyer.request_id', true), ''),
    jsonb_build_object(
        'before', CASE TG_OP WHEN 'INSERT' THEN '{{}}'::jsonb ELSE old_values END,
        'after', CASE TG_OP WHEN 'DELETE' THEN '{{}}'::jsonb ELSE new_values END));
RETURN NULL;
"""

_VARIABLES = [
    ("before", "jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END"),
    ("after", "jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END"),
    ("old_values", "jsonb := '{}'::jsonb"),
    ("new_values", "jsonb := '{}'::jsonb"),
    ("field", "text"),
]


class RecordChanges(pgtrigger.Trigger):
    """Writes each change of a row to the trail: before, after, and who made it from where.

    The trail's event is named ``<record>.added``, ``.changed`` or ``.removed``. *slug* is SQL over
    ``before`` and ``after`` that names the partner. Columns in *sealed* are recorded as changed,
    never with their values; those in *hidden* (derived ones, blobs) are left out.
    """

    def __init__(
        self, record: str, *, slug: str, sealed: tuple[str, ...] = (), hidden: tuple[str, ...] = ()
    ) -> None:
        function = _FUNCTION.format(
            record=record, slug=slug, sealed=_array(sealed), hidden=_array(hidden)
        )
        super().__init__(
            name="record_changes",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            declare=_VARIABLES,
            func=function,
        )


def _array(names: tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{name}'" for name in names)
    return f"ARRAY[{quoted}]::text[]"
