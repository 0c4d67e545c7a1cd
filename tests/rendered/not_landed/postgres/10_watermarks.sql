-- How far each incremental model has read each landed table.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- The whole file is one transaction and reads one snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;

-- For this transaction only: names and values mean the same whatever the server, the role or a connection pool has set.
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_encoding = 'UTF8';
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

-- Code of others would run with the rights of who writes to its table: then this ends here.
SELECT CAST(about.name || ' ' || code.what || coalesce(' of role ' || owner.rolname, '') AS integer) AS nothing
FROM (
    VALUES
        ('acme.idgraph_objects', true)
) AS about (name, is_written)
JOIN pg_catalog.pg_class AS c
    ON c.oid = pg_catalog.to_regclass(about.name)
JOIN pg_catalog.pg_roles AS me
    ON me.rolname = CURRENT_USER
CROSS JOIN LATERAL (
    -- What a condition calls may be anybody's.
    SELECT CASE WHEN t.tgqual IS NULL THEN 'has the trigger ' ELSE 'has the conditional trigger ' END || t.tgname, CASE WHEN t.tgqual IS NULL THEN p.proowner END, false
    FROM pg_catalog.pg_trigger AS t
    JOIN pg_catalog.pg_proc AS p
        ON p.oid = t.tgfoid
    WHERE t.tgrelid = c.oid
      AND NOT t.tgisinternal
    UNION ALL
    -- It may have triggers of its own.
    SELECT 'has the child table ' || child.relname, NULL, false
    FROM pg_catalog.pg_inherits AS h
    JOIN pg_catalog.pg_class AS child
        ON child.oid = h.inhrelid
    WHERE h.inhparent = c.oid
    UNION ALL
    SELECT 'has the rule, constraint, default or index', c.relowner, c.relkind NOT IN ('r', 'p')
    WHERE c.relhasrules
       OR EXISTS (SELECT 1 FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype IN ('c', 'x'))
       OR EXISTS (SELECT 1 FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid = c.oid)
       OR EXISTS (SELECT 1 FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL))
    UNION ALL
    SELECT 'has the type ' || t.typname || ' of column ' || a.attname, t.typowner, true
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS t
        ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid
      AND a.attnum > 0
    UNION ALL
    -- What idgraph made is what its record says, so its owner counts. A schema's owner could make another at any time.
    SELECT 'is the record', c.relowner, false
    FROM pg_catalog.pg_namespace AS n
    WHERE about.name = 'acme.idgraph_objects'
      AND n.oid = c.relnamespace
      AND (me.rolsuper OR n.nspowner <> c.relowner)
) AS code (what, owner, runs_on_reading)
LEFT JOIN pg_catalog.pg_roles AS owner
    ON owner.oid = code.owner
WHERE coalesce(NOT (
        owner.oid = me.oid
        OR owner.rolsuper
        OR (NOT me.rolsuper AND pg_catalog.pg_has_role(owner.oid, 'MEMBER'))
        OR EXISTS (SELECT 1 FROM pg_catalog.pg_auth_members AS m WHERE m.member = me.oid AND m.roleid = owner.oid)
    ), true)
  AND (about.is_written OR code.runs_on_reading);

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
    landed_id    text,
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
COMMENT ON COLUMN acme.idgraph_watermarks.landed       IS 'The landed table with its schema, or a trait';
COMMENT ON COLUMN acme.idgraph_watermarks.loaded_until IS 'The newest load time read; NULL while nothing has landed';
COMMENT ON COLUMN acme.idgraph_watermarks.object_id    IS 'The identity in the catalog of the model''s table, or column, that this is about; NULL where the catalog has none';
COMMENT ON COLUMN acme.idgraph_watermarks.landed_id    IS 'The same of the landed table, or column, that was read';

COMMIT;
