-- One row for every external id: the profile that holds it now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- First the table is made, in a transaction of its own: what is not there cannot be locked.
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
LOCK TABLE profiles.idgraph_objects IN SHARE ROW EXCLUSIVE MODE;

-- Code of others would run with the rights of who writes to its table: then this ends here.
SELECT CAST(about.name || ' ' || code.what || coalesce(' of role ' || owner.rolname, '') AS integer) AS nothing
FROM (
    VALUES
        ('profiles.idgraph_objects', true)
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
    WHERE about.name = 'profiles.idgraph_objects'
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
SELECT CAST(CAST(pg_catalog.to_regclass('profiles.external_id_mapping') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('profiles.external_id_mapping') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM profiles.idgraph_objects AS o
    WHERE o.schema_name = 'profiles'
      AND o.object_name = 'external_id_mapping'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('profiles.external_id_mapping') AS oid) AS text)
);

CREATE TABLE IF NOT EXISTS profiles.external_id_mapping (
    canonical_segment_id text,
    external_id_type     text,
    external_id_value    text,
    external_id_hash     text,
    timestamp            timestamp with time zone
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO profiles.idgraph_objects AS o
USING (
    SELECT
        'profiles' AS schema_name,
        'external_id_mapping' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('profiles.external_id_mapping')
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

COMMENT ON TABLE profiles.external_id_mapping IS 'One row for every external id: the profile that holds it now. Built by idgraph.';
COMMENT ON COLUMN profiles.external_id_mapping.canonical_segment_id IS 'The profile after all merges';
COMMENT ON COLUMN profiles.external_id_mapping.external_id_type     IS 'Kind of the external id';
COMMENT ON COLUMN profiles.external_id_mapping.external_id_value    IS 'The external id';
COMMENT ON COLUMN profiles.external_id_mapping.external_id_hash     IS 'SHA-1 of type followed by value, in lower-case hex';
COMMENT ON COLUMN profiles.external_id_mapping.timestamp            IS 'When the profile was last seen with it';

COMMIT;

-- The rest of the file is one transaction and reads one snapshot.
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
LOCK TABLE profiles.idgraph_objects IN SHARE ROW EXCLUSIVE MODE;

-- One writer at a time, and nobody's trigger comes upon what is written; readers go on, and see the rows of before until COMMIT.
LOCK TABLE profiles.external_id_mapping IN SHARE ROW EXCLUSIVE MODE;

-- Landed columns keep their types until then.
LOCK TABLE profiles.id_graph_updates, profiles.external_id_mapping_updates IN ACCESS SHARE MODE;

-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('profiles.external_id_mapping') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('profiles.external_id_mapping') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM profiles.idgraph_objects AS o
    WHERE o.schema_name = 'profiles'
      AND o.object_name = 'external_id_mapping'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('profiles.external_id_mapping') AS oid) AS text)
);

-- Code of others would run with the rights of who writes to its table, reads a column of its type, or reads where an index,
-- statistics or a constraint call it: then this ends here.
SELECT CAST(about.name || ' ' || code.what || coalesce(' of role ' || owner.rolname, '') AS integer) AS nothing
FROM (
    VALUES
        ('profiles.idgraph_objects', true),
        ('profiles.external_id_mapping', true),
        ('profiles.id_graph_updates', false),
        ('profiles.external_id_mapping_updates', false)
) AS about (name, is_written)
JOIN pg_catalog.pg_class AS c
    ON c.oid = pg_catalog.to_regclass(about.name)
JOIN pg_catalog.pg_roles AS me
    ON me.rolname = CURRENT_USER
CROSS JOIN LATERAL (
    WITH RECURSIVE family (oid) AS (
        SELECT c.oid
        UNION
        SELECT h.inhrelid
        FROM family AS f
        JOIN pg_catalog.pg_inherits AS h
            ON h.inhparent = f.oid
    )
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
    -- Another server would be asked.
    SELECT 'has the foreign table ' || part.relname || ' as a part', NULL, true
    FROM family AS f
    JOIN pg_catalog.pg_class AS part
        ON part.oid = f.oid
        AND part.relkind = 'f'
    UNION ALL
    -- The planner computes what is constant in them, and reads those of partitions too.
    SELECT
        'has ' || pg_catalog.pg_describe_object(part.classid, part.objid, 0)
            || ' with ' || pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0),
        called.owner,
        true
    FROM (
        SELECT CAST('pg_catalog.pg_class' AS regclass) AS classid, i.indexrelid AS objid
        FROM family AS f
        JOIN pg_catalog.pg_index AS i
            ON i.indrelid = f.oid
        UNION ALL
        SELECT CAST('pg_catalog.pg_statistic_ext' AS regclass), s.oid
        FROM family AS f
        JOIN pg_catalog.pg_statistic_ext AS s
            ON s.stxrelid = f.oid
        UNION ALL
        SELECT CAST('pg_catalog.pg_constraint' AS regclass), k.oid
        FROM family AS f
        JOIN pg_catalog.pg_constraint AS k
            ON k.conrelid = f.oid
            AND k.contype = 'c'
        UNION ALL
        -- What rows are parted by.
        SELECT CAST('pg_catalog.pg_class' AS regclass), k.partrelid
        FROM family AS f
        JOIN pg_catalog.pg_partitioned_table AS k
            ON k.partrelid = f.oid
    ) AS part
    JOIN pg_catalog.pg_depend AS d
        ON d.classid = part.classid
        AND d.objid = part.objid
        AND d.objsubid = 0
    CROSS JOIN LATERAL (
        SELECT p.proowner
        FROM pg_catalog.pg_proc AS p
        WHERE d.refclassid = CAST('pg_catalog.pg_proc' AS regclass)
          AND p.oid = d.refobjid
        UNION ALL
        SELECT own.oid
        FROM pg_catalog.pg_operator AS o
        JOIN pg_catalog.pg_proc AS p
            ON p.oid = o.oprcode
        CROSS JOIN LATERAL (VALUES (o.oprowner), (p.proowner)) AS own (oid)
        WHERE d.refclassid = CAST('pg_catalog.pg_operator' AS regclass)
          AND o.oid = d.refobjid
        UNION ALL
        SELECT t.typowner
        FROM pg_catalog.pg_type AS t
        WHERE d.refclassid = CAST('pg_catalog.pg_type' AS regclass)
          AND t.oid = d.refobjid
    ) AS called (owner)
    UNION ALL
    -- What idgraph made is what its record says, so its owner counts. A schema's owner could make another at any time.
    SELECT 'is the record', c.relowner, false
    FROM pg_catalog.pg_namespace AS n
    WHERE about.name = 'profiles.idgraph_objects'
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

-- Texts that differ must count as different, or two people whose ids differ by case alone would become one: else this ends here.
SELECT CAST(
    about.name || '.' || a.attname || CASE
        WHEN t.typname = 'citext' THEN ' has the type citext: texts that differ count as the same'
        WHEN n.nspname = 'pg_catalog' THEN ' has a collation that is not deterministic: texts that differ count as the same'
        ELSE ' has the type ' || n.nspname || '.' || t.typname || ', which is not Postgres''s own'
    END AS integer
) AS nothing
FROM (
    VALUES
        ('profiles.id_graph_updates', ARRAY[
            'id', 'segment_id', 'canonical_segment_id', 'triggering_event_type',
            'triggering_event_id', 'triggering_event_name', 'triggering_event_source_id', 'triggering_event_source_name',
            'triggering_event_source_slug', 'seq', 'received_at', 'uuid_ts',
            'timestamp'
        ]),
        ('profiles.external_id_mapping_updates', ARRAY[
            'id', 'segment_id', 'external_id_type', 'external_id_value',
            'external_id_hash', 'triggering_event_type', 'triggering_event_id', 'triggering_event_name',
            'triggering_event_source_id', 'triggering_event_source_name', 'triggering_event_source_slug', 'seq',
            'received_at', 'uuid_ts', 'timestamp'
        ])
) AS about (name, columns)
JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = pg_catalog.to_regclass(about.name)
    AND CAST(a.attname AS text) = ANY (about.columns)
JOIN pg_catalog.pg_type AS t
    ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_collation AS l
    ON l.oid = a.attcollation
WHERE n.nspname <> 'pg_catalog'
   OR NOT l.collisdeterministic;

-- The function that is called must be the extension's, and none that others made in its place: else this ends here.
SELECT CAST(
    'public.digest(bytea, text) is no function of the extension pgcrypto in ' || pg_catalog.current_database() AS integer
) AS nothing
FROM pg_catalog.pg_roles AS me
WHERE me.rolname = CURRENT_USER
  AND NOT EXISTS (
    SELECT 1
    FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_roles AS owner
        ON owner.oid = p.proowner
    JOIN pg_catalog.pg_depend AS d
        ON d.classid = CAST('pg_catalog.pg_proc' AS regclass)
        AND d.objid = p.oid
        AND d.refclassid = CAST('pg_catalog.pg_extension' AS regclass)
        AND d.deptype = 'e'
    JOIN pg_catalog.pg_extension AS e
        ON e.oid = d.refobjid
        AND e.extname = 'pgcrypto'
    WHERE p.oid = pg_catalog.to_regprocedure('public.digest(bytea, text)')
      AND (
        owner.oid = me.oid
        OR owner.rolsuper
        OR (NOT me.rolsuper AND pg_catalog.pg_has_role(owner.oid, 'MEMBER'))
        OR EXISTS (SELECT 1 FROM pg_catalog.pg_auth_members AS m WHERE m.member = me.oid AND m.roleid = owner.oid)
    )
);

CREATE TEMPORARY TABLE external_id_mapping_built ON COMMIT DROP AS
WITH
-- The latest landed row of each external id decides who holds it.
decisive AS (
    SELECT
        l.external_id_type COLLATE "default" AS external_id_type,
        l.external_id_value COLLATE "default" AS external_id_value,
        l.external_id_hash,
        l.segment_id COLLATE "default" AS segment_id,
        l.seq COLLATE "default" AS seq,
        l.received_at,
        l.uuid_ts,
        l.timestamp,
        l.id COLLATE "default" AS id
    FROM (
        -- By bytes from the start: a column and the same by bytes would both be sorted along.
        SELECT DISTINCT ON (u.external_id_type COLLATE "C", u.external_id_value COLLATE "C")
            u.external_id_type COLLATE "C" AS external_id_type,
            u.external_id_value COLLATE "C" AS external_id_value,
            u.external_id_hash,
            u.segment_id COLLATE "C" AS segment_id,
            u.seq COLLATE "C" AS seq,
            u.received_at,
            u.uuid_ts,
            u.timestamp,
            u.id COLLATE "C" AS id
        FROM profiles.external_id_mapping_updates AS u
        WHERE u.external_id_type IS NOT NULL
          AND u.external_id_value IS NOT NULL
          AND u.segment_id IS NOT NULL
        ORDER BY
            u.external_id_type COLLATE "C",
            u.external_id_value COLLATE "C",
            u.timestamp DESC NULLS LAST,
            u.seq COLLATE "C" DESC NULLS LAST,
            u.uuid_ts DESC NULLS LAST,
            u.id COLLATE "C" DESC NULLS LAST,
            u.segment_id COLLATE "C" DESC NULLS LAST
    ) AS l
),
latest AS (
    SELECT
        d.*,
        coalesce(g.canonical_segment_id, d.segment_id) AS canonical_segment_id
    FROM decisive AS d
    LEFT JOIN profiles.id_graph AS g ON g.segment_id = d.segment_id
)
SELECT
    l.canonical_segment_id,
    l.external_id_type,
    l.external_id_value,
    coalesce(l.external_id_hash, encode(
        public.digest(convert_to(l.external_id_type || l.external_id_value, 'UTF8'), 'sha1'::text),
        'hex'
    )) AS external_id_hash,
    l.timestamp
FROM latest AS l;

-- Only rows that differ are written: the table keeps its grants, its views and most of its pages.
DELETE FROM profiles.external_id_mapping AS old
WHERE NOT EXISTS (
    SELECT 1
    FROM external_id_mapping_built AS new
    WHERE new.external_id_type = old.external_id_type
      AND new.external_id_value = old.external_id_value
      AND (
        new.canonical_segment_id,
        new.external_id_hash,
        new.timestamp
      ) IS NOT DISTINCT FROM (
        old.canonical_segment_id,
        old.external_id_hash,
        old.timestamp
      )
);

-- What is new is set aside before it goes in: the table is read as it was, once, and not while it grows.
CREATE TEMPORARY TABLE external_id_mapping_fresh ON COMMIT DROP AS
SELECT
    new.canonical_segment_id,
    new.external_id_type,
    new.external_id_value,
    new.external_id_hash,
    new.timestamp
FROM external_id_mapping_built AS new
WHERE NOT EXISTS (
    SELECT 1
    FROM profiles.external_id_mapping AS old
    WHERE new.external_id_type = old.external_id_type
      AND new.external_id_value = old.external_id_value
);

INSERT INTO profiles.external_id_mapping (
    canonical_segment_id,
    external_id_type,
    external_id_value,
    external_id_hash,
    timestamp
)
SELECT
    fresh.canonical_segment_id,
    fresh.external_id_type,
    fresh.external_id_value,
    fresh.external_id_hash,
    fresh.timestamp
FROM external_id_mapping_fresh AS fresh;

-- Other hands may have made a row twice: one of the two goes. Where there are no rows too many, nothing is joined.
DELETE FROM profiles.external_id_mapping AS old
USING profiles.external_id_mapping AS twin
WHERE twin.external_id_type = old.external_id_type
  AND twin.external_id_value = old.external_id_value
  AND twin.ctid < old.ctid
  AND (SELECT count(*) FROM profiles.external_id_mapping) > (SELECT count(*) FROM external_id_mapping_built);

-- What reads it next is planned with its size, not a guess.
ANALYZE profiles.external_id_mapping;

CREATE INDEX IF NOT EXISTS external_id_mapping_external_id_value_idx
    ON profiles.external_id_mapping USING hash (external_id_value);
CREATE INDEX IF NOT EXISTS external_id_mapping_canonical_segment_id_idx
    ON profiles.external_id_mapping USING hash (canonical_segment_id);

COMMIT;
