-- One row for every profile id: the last value of each trait.
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
SELECT CAST(CAST(pg_catalog.to_regclass('profiles.profile_traits') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('profiles.profile_traits') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM profiles.idgraph_objects AS o
    WHERE o.schema_name = 'profiles'
      AND o.object_name = 'profile_traits'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('profiles.profile_traits') AS oid) AS text)
);

CREATE TABLE IF NOT EXISTS profiles.profile_traits (
    canonical_segment_id text,
    email                text,
    plan                 text,
    merged_to            text
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO profiles.idgraph_objects AS o
USING (
    SELECT
        'profiles' AS schema_name,
        'profile_traits' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('profiles.profile_traits')
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

COMMENT ON TABLE profiles.profile_traits IS 'One row for every profile id: the last value of each trait. Built by idgraph.';
COMMENT ON COLUMN profiles.profile_traits.canonical_segment_id IS 'A profile id, merged away or not';
COMMENT ON COLUMN profiles.profile_traits.email                IS 'Where receipts go';
COMMENT ON COLUMN profiles.profile_traits.plan                 IS 'free or pro';
COMMENT ON COLUMN profiles.profile_traits.merged_to            IS 'The profile that this one was merged into; NULL for a canonical one';

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
LOCK TABLE profiles.profile_traits IN SHARE ROW EXCLUSIVE MODE;

-- Landed columns keep their types until then.
LOCK TABLE profiles.id_graph_updates, profiles.identifies IN ACCESS SHARE MODE;

-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('profiles.profile_traits') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('profiles.profile_traits') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM profiles.idgraph_objects AS o
    WHERE o.schema_name = 'profiles'
      AND o.object_name = 'profile_traits'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('profiles.profile_traits') AS oid) AS text)
);

-- Code of others would run with the rights of who writes to its table, reads a column of its type, or reads where an index,
-- statistics or a constraint call it: then this ends here.
SELECT CAST(about.name || ' ' || code.what || coalesce(' of role ' || owner.rolname, '') AS integer) AS nothing
FROM (
    VALUES
        ('profiles.idgraph_objects', true),
        ('profiles.profile_traits', true),
        ('profiles.id_graph_updates', false),
        ('profiles.identifies', false)
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
        ('profiles.identifies', ARRAY[
            'id', 'segment_id', 'event_source_id', 'event_id',
            'anonymous_id', 'user_id', 'sent_at', 'original_timestamp',
            'received_at', 'uuid_ts', 'timestamp', 'email',
            'plan'
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

-- In a table of its own what the query reads is read in parallel, which Postgres does not do for what it inserts into
-- a table that is there.
CREATE TEMPORARY TABLE profile_traits_latest ON COMMIT DROP AS
-- One sort and one pass, whatever the number of traits: aggregates take a sorted subquery's rows in its order, so
-- the first value of each trait is its latest.
SELECT
    r.canonical_segment_id COLLATE "default" AS canonical_segment_id,
    (array_agg(r.email) FILTER (WHERE r.email IS NOT NULL))[1] AS email,
    (array_agg(r.plan) FILTER (WHERE r.plan IS NOT NULL))[1] AS plan
FROM (
    -- Landed traits under the profile that they belong to now, its latest row first.
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) COLLATE "C" AS canonical_segment_id,
        t.email,
        t.plan
    FROM profiles.identifies AS t
    LEFT JOIN profiles.id_graph AS g ON g.segment_id = t.segment_id
    WHERE t.segment_id IS NOT NULL
    ORDER BY
        coalesce(g.canonical_segment_id, t.segment_id) COLLATE "C",
        t.timestamp DESC NULLS LAST,
        t.uuid_ts DESC NULLS LAST,
        t.id COLLATE "C" DESC NULLS LAST,
        t.segment_id COLLATE "C" DESC NULLS LAST
) AS r
GROUP BY r.canonical_segment_id;

ANALYZE profile_traits_latest;

CREATE TEMPORARY TABLE profile_traits_built ON COMMIT DROP AS
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.plan,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM profiles.id_graph AS g
FULL JOIN profile_traits_latest AS l ON l.canonical_segment_id = g.segment_id;

-- Only rows that differ are written: the table keeps its grants, its views and most of its pages.
DELETE FROM profiles.profile_traits AS old
WHERE NOT EXISTS (
    SELECT 1
    FROM profile_traits_built AS new
    WHERE new.canonical_segment_id = old.canonical_segment_id
      AND (
        new.email,
        new.plan,
        new.merged_to
      ) IS NOT DISTINCT FROM (
        old.email,
        old.plan,
        old.merged_to
      )
);

-- What is new is set aside before it goes in: the table is read as it was, once, and not while it grows.
CREATE TEMPORARY TABLE profile_traits_fresh ON COMMIT DROP AS
SELECT
    new.canonical_segment_id,
    new.email,
    new.plan,
    new.merged_to
FROM profile_traits_built AS new
WHERE NOT EXISTS (
    SELECT 1
    FROM profiles.profile_traits AS old
    WHERE new.canonical_segment_id = old.canonical_segment_id
);

INSERT INTO profiles.profile_traits (
    canonical_segment_id,
    email,
    plan,
    merged_to
)
SELECT
    fresh.canonical_segment_id,
    fresh.email,
    fresh.plan,
    fresh.merged_to
FROM profile_traits_fresh AS fresh;

-- Other hands may have made a row twice: one of the two goes. Where there are no rows too many, nothing is joined.
DELETE FROM profiles.profile_traits AS old
USING profiles.profile_traits AS twin
WHERE twin.canonical_segment_id = old.canonical_segment_id
  AND twin.ctid < old.ctid
  AND (SELECT count(*) FROM profiles.profile_traits) > (SELECT count(*) FROM profile_traits_built);

-- What reads it next is planned with its size, not a guess.
ANALYZE profiles.profile_traits;

CREATE INDEX IF NOT EXISTS profile_traits_canonical_segment_id_idx
    ON profiles.profile_traits USING hash (canonical_segment_id);

COMMIT;
