-- How far each incremental model has read each landed table.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- The whole file is one transaction and reads one snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;

-- For this transaction only: names and values mean the same whatever the server, the role or a connection pool has set.
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL row_security = off;
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL extra_float_digits = 1;
SET LOCAL bytea_output = 'hex';
SET LOCAL array_nulls = on;
SET LOCAL transform_null_equals = off;
SET LOCAL standard_conforming_strings = on;
SET LOCAL quote_all_identifiers = off;
SET LOCAL jit = off;

-- One writer at a time, `idgraph refresh` included; readers do not wait. The first query takes the snapshot, so the lock
-- comes before it.
LOCK TABLE acme.idgraph_objects IN SHARE ROW EXCLUSIVE MODE;

-- The record is believed where it is a table of this user's, of a role that the user was made a member of, or of a superuser.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.idgraph_objects') AS text) || ' belongs to ' || owner.rolname || ', and idgraph did not make it' AS integer) AS nothing
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_roles AS owner
    ON owner.oid = c.relowner
JOIN pg_catalog.pg_roles AS me
    ON me.rolname = CURRENT_USER
WHERE c.oid = pg_catalog.to_regclass('acme.idgraph_objects')
  AND NOT (
    c.relkind = 'r'
    AND (
        owner.oid = me.oid
        OR owner.rolsuper
        OR (NOT me.rolsuper AND pg_catalog.pg_has_role(owner.oid, 'MEMBER'))
        OR EXISTS (SELECT 1 FROM pg_catalog.pg_auth_members AS m WHERE m.member = me.oid AND m.roleid = owner.oid)
    )
);

-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.idgraph_watermarks') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.idgraph_watermarks') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'idgraph_watermarks'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.idgraph_watermarks') AS oid) AS text)
);

CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    model        text,
    landed       text,
    loaded_until timestamp with time zone,
    object_id    text,
    PRIMARY KEY (model, landed)
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO acme.idgraph_objects AS o
USING (
    SELECT
        'acme' AS schema_name,
        'idgraph_watermarks' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('acme.idgraph_watermarks')
      AND pg_catalog.pg_get_userbyid(c.relowner) = CURRENT_USER
) AS made
ON o.schema_name = made.schema_name
  AND o.object_name = made.object_name
WHEN MATCHED AND o.object_id <> made.object_id THEN
    UPDATE SET
        kind = made.kind,
        object_id = made.object_id,
        made_at = clock_timestamp()
WHEN NOT MATCHED THEN
    INSERT (schema_name, object_name, kind, object_id, made_at)
    VALUES (made.schema_name, made.object_name, made.kind, made.object_id, clock_timestamp());

COMMENT ON TABLE acme.idgraph_watermarks IS 'How far each incremental model has read each landed table. Built by idgraph.';
COMMENT ON COLUMN acme.idgraph_watermarks.model        IS 'The model';
COMMENT ON COLUMN acme.idgraph_watermarks.landed       IS 'The landed table';
COMMENT ON COLUMN acme.idgraph_watermarks.loaded_until IS 'The newest load time read; NULL while nothing has landed';
COMMENT ON COLUMN acme.idgraph_watermarks.object_id    IS 'The identity in the catalog of the model''s table, or column, that this is about; NULL where the catalog has none';

COMMIT;
