-- Into the record, with the identity that the catalog gave it.
MERGE INTO {{ objects }} AS o
USING (
    SELECT
        {{ table.schema_literal }} AS schema_name,
        {{ table.literal }} AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass({{ table.name | text }})
--% if adopted is undefined or not adopted
      AND pg_catalog.pg_get_userbyid(c.relowner) = CURRENT_USER
--% endif
) AS made
ON o.schema_name = made.schema_name
  AND o.object_name = made.object_name
WHEN MATCHED AND o.object_id <> made.object_id THEN
    UPDATE SET
        kind = made.kind,
        object_id = made.object_id,
        made_at = {{ sql.clock() }}
WHEN NOT MATCHED THEN
    INSERT (schema_name, object_name, kind, object_id, made_at)
    VALUES (made.schema_name, made.object_name, made.kind, made.object_id, {{ sql.clock() }});
