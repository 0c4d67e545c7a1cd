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
SELECT CAST(CAST(pg_catalog.to_regclass('acme.profile_traits') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.profile_traits') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'profile_traits'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.profile_traits') AS oid) AS text)
);

CREATE TABLE IF NOT EXISTS acme.profile_traits (
    canonical_segment_id text,
    email                text,
    plan                 text,
    lifetime_value       double precision,
    is_vip               boolean,
    "order"              bigint,
    merged_to            text
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO acme.idgraph_objects AS o
USING (
    SELECT
        'acme' AS schema_name,
        'profile_traits' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('acme.profile_traits')
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

COMMENT ON TABLE acme.profile_traits IS 'One row for every profile id: the last value of each trait. Built by idgraph.';
COMMENT ON COLUMN acme.profile_traits.canonical_segment_id IS 'A profile id, merged away or not';
COMMENT ON COLUMN acme.profile_traits.email                IS 'Trait email';
COMMENT ON COLUMN acme.profile_traits.plan                 IS 'Current plan';
COMMENT ON COLUMN acme.profile_traits.lifetime_value       IS 'Computed trait lifetimeValue';
COMMENT ON COLUMN acme.profile_traits.is_vip               IS 'Member of the audience is_vip';
COMMENT ON COLUMN acme.profile_traits."order"              IS 'Trait order';
COMMENT ON COLUMN acme.profile_traits.merged_to            IS 'The profile that this one was merged into; NULL for a canonical one';

CREATE INDEX IF NOT EXISTS profile_traits_canonical_segment_id_idx
    ON acme.profile_traits USING hash (canonical_segment_id);

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
LOCK TABLE acme.idgraph_objects IN SHARE ROW EXCLUSIVE MODE;

-- One writer at a time, and nobody's trigger comes upon what is written; readers go on, and see the rows of before until COMMIT.
LOCK TABLE acme.profile_traits, acme.idgraph_watermarks IN SHARE ROW EXCLUSIVE MODE;

-- Landed columns keep their types until then.
LOCK TABLE acme.id_graph_updates, acme.profile_traits_updates IN ACCESS SHARE MODE;

-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.profile_traits') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.profile_traits') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'profile_traits'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.profile_traits') AS oid) AS text)
);

-- Code of others would run with the rights of who writes to its table, reads a column of its type, or reads where an index,
-- statistics or a constraint call it: then this ends here.
SELECT CAST(about.name || ' ' || code.what || coalesce(' of role ' || owner.rolname, '') AS integer) AS nothing
FROM (
    VALUES
        ('acme.idgraph_objects', true),
        ('acme.profile_traits', true),
        ('acme.idgraph_watermarks', true),
        ('acme.id_graph_updates', false),
        ('acme.profile_traits_updates', false)
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
        ('acme.id_graph_updates', ARRAY[
            'id', 'segment_id', 'canonical_segment_id', 'triggering_event_type',
            'triggering_event_id', 'triggering_event_name', 'triggering_event_source_id', 'triggering_event_source_name',
            'triggering_event_source_slug', 'seq', 'received_at', 'uuid_ts',
            'timestamp'
        ]),
        ('acme.profile_traits_updates', ARRAY[
            'id', 'segment_id', 'triggering_event_type', 'triggering_event_id',
            'triggering_event_name', 'triggering_event_source_id', 'triggering_event_source_name', 'triggering_event_source_slug',
            'seq', 'received_at', 'uuid_ts', 'timestamp',
            'email', 'plan', 'lifetime_value', 'is_vip',
            'order', 'customer_plan', 'customer_tier', 'group'
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

-- Few rows of large tables are looked up. As it comes, the planner takes a page out of order for four in order, as on a
-- disk that turns, and reads whole tables for a hundredth of their rows.
SET LOCAL random_page_cost = 1.1;

CREATE TEMPORARY TABLE profile_traits_window ON COMMIT DROP AS
-- What to read: from a while before what was read last, for rows that landed late, to the newest.
WITH
-- How far the landed tables as they are have been read for the table as it is. What was made again since, or emptied, has not
-- been read at all.
found AS (
    SELECT
        w.landed,
        w.loaded_until
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'profile_traits'
      AND w.object_id = (
          SELECT c.oid || '.' || CASE c.relkind
              WHEN 'p' THEN (
                  SELECT coalesce(min(leaf.relfilenode), 0)
                  FROM pg_catalog.pg_partition_tree(c.oid) AS tree
                  JOIN pg_catalog.pg_class AS leaf ON leaf.oid = tree.relid AND leaf.relkind <> 'p'
              )
              ELSE c.relfilenode
          END || coalesce((
              SELECT ' ' || string_agg(a.attname || '=' || a.attnum, ' ' ORDER BY a.attnum)
              FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = c.oid
                AND a.attname IN ('canonical_segment_id', 'merged_to')
          ), '')
          FROM pg_catalog.pg_class AS c
          WHERE c.oid = pg_catalog.to_regclass('acme.profile_traits')
      )
      AND (
        (
            w.landed = 'acme.id_graph_updates'
            AND w.landed_id = coalesce((
                SELECT c.oid || '.' || CASE c.relkind
                    WHEN 'p' THEN (
                        SELECT coalesce(min(leaf.relfilenode), 0)
                        FROM pg_catalog.pg_partition_tree(c.oid) AS tree
                        JOIN pg_catalog.pg_class AS leaf ON leaf.oid = tree.relid AND leaf.relkind <> 'p'
                    )
                    ELSE c.relfilenode
                END || coalesce((
                    SELECT ' ' || string_agg(a.attname || '=' || a.attnum, ' ' ORDER BY a.attnum)
                    FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = c.oid
                      AND a.attname IN ('id', 'segment_id', 'canonical_segment_id', 'seq', 'received_at', 'uuid_ts', 'timestamp')
                ), '')
                FROM pg_catalog.pg_class AS c
                WHERE c.oid = pg_catalog.to_regclass('acme.id_graph_updates')
            ), '')
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph_updates AS landed))
        )
        OR (
            w.landed = 'acme.profile_traits_updates'
            AND w.landed_id = coalesce((
                SELECT c.oid || '.' || CASE c.relkind
                    WHEN 'p' THEN (
                        SELECT coalesce(min(leaf.relfilenode), 0)
                        FROM pg_catalog.pg_partition_tree(c.oid) AS tree
                        JOIN pg_catalog.pg_class AS leaf ON leaf.oid = tree.relid AND leaf.relkind <> 'p'
                    )
                    ELSE c.relfilenode
                END || coalesce((
                    SELECT ' ' || string_agg(a.attname || '=' || a.attnum, ' ' ORDER BY a.attnum)
                    FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = c.oid
                      AND a.attname IN ('id', 'segment_id', 'seq', 'received_at', 'uuid_ts', 'timestamp')
                ), '')
                FROM pg_catalog.pg_class AS c
                WHERE c.oid = pg_catalog.to_regclass('acme.profile_traits_updates')
            ), '')
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.profile_traits_updates AS landed))
        )
      )
      AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.profile_traits AS kept))
),
-- Rows that came from elsewhere leave no trace in what is read now: then all is computed again.
noted AS (
    SELECT
        f.landed,
        f.loaded_until
    FROM found AS f
    WHERE (SELECT count(DISTINCT every.landed) FROM found AS every) = 2
      -- A landed column that is there no more, or another one: its values are in rows that no landed row leads to.
      AND NOT EXISTS (
        SELECT 1
        FROM acme.idgraph_watermarks AS w
        WHERE w.model = 'profile_traits'
          AND w.landed IN ('trait email', 'trait plan', 'trait customer_plan as plan', 'trait customer_tier as plan', 'trait lifetime_value', 'trait is_vip', 'trait order', 'trait group as order')
          AND w.landed_id <> ''
          AND w.landed_id <> coalesce((
              SELECT CAST(a.attnum AS text)
              FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
                AND a.attname = CASE w.landed
                        WHEN 'trait customer_plan as plan' THEN 'customer_plan'
                        WHEN 'trait customer_tier as plan' THEN 'customer_tier'
                        WHEN 'trait group as order' THEN 'group'
                        ELSE substr(w.landed, 7)
                    END
          ), '')
      )
)
SELECT
    coalesce(
        (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.id_graph_updates') - interval '86400 seconds',
        '-infinity'
    ) AS graph_since,
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u) AS graph_until,
    -- No further than the graph itself, which may have been refreshed before the newest rows landed.
    (SELECT min(w.loaded_until) FROM acme.idgraph_watermarks AS w WHERE w.model = 'id_graph' AND w.landed = 'acme.id_graph_updates') AS graph_read_to,
    coalesce(
        (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.profile_traits_updates') - interval '86400 seconds',
        '-infinity'
    ) AS own_since,
    (SELECT max(u.uuid_ts) FROM acme.profile_traits_updates AS u) AS own_until,
    -- Next time from here on. A load time in the future must not hide what lands until then.
    (SELECT max(u.uuid_ts) FROM acme.profile_traits_updates AS u WHERE u.uuid_ts <= now()) AS own_read_to,
    8 - (
        SELECT count(DISTINCT w.landed)
        FROM acme.idgraph_watermarks AS w
        WHERE w.model = 'profile_traits'
          AND w.landed IN ('trait email', 'trait plan', 'trait customer_plan as plan', 'trait customer_tier as plan', 'trait lifetime_value', 'trait is_vip', 'trait order', 'trait group as order')
          AND w.object_id = coalesce((
              SELECT CAST(a.attnum AS text)
              FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
                AND a.attname = CASE w.landed
                        WHEN 'trait customer_plan as plan' THEN 'plan'
                        WHEN 'trait customer_tier as plan' THEN 'plan'
                        WHEN 'trait group as order' THEN 'order'
                        ELSE substr(w.landed, 7)
                    END
          ), '')
          AND w.landed_id = coalesce((
              SELECT CAST(a.attnum AS text)
              FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
                AND a.attname = CASE w.landed
                        WHEN 'trait customer_plan as plan' THEN 'customer_plan'
                        WHEN 'trait customer_tier as plan' THEN 'customer_tier'
                        WHEN 'trait group as order' THEN 'group'
                        ELSE substr(w.landed, 7)
                    END
          ), '')
    ) AS new_traits,
    (
        SELECT count(*)
        FROM acme.idgraph_watermarks AS w
        WHERE w.model = 'profile_traits'
          AND w.landed LIKE 'trait %'
          AND w.landed NOT IN ('trait email', 'trait plan', 'trait customer_plan as plan', 'trait customer_tier as plan', 'trait lifetime_value', 'trait is_vip', 'trait order', 'trait group as order')
    ) AS gone_traits,
    (SELECT count(*) FROM noted) = 0 AS is_first;

CREATE TEMPORARY TABLE profile_traits_affected ON COMMIT DROP AS
WITH
-- Profiles named by graph entries that landed since, each once.
named AS (
    SELECT DISTINCT both_ends.segment_id
    FROM (
        SELECT u.segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM profile_traits_window AS w)
                  AND (SELECT w.graph_until FROM profile_traits_window AS w)
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM profile_traits_window AS w)
                  AND (SELECT w.graph_until FROM profile_traits_window AS w)
              OR u.uuid_ts IS NULL
          )
    ) AS both_ends
),
-- Traits that have been read for the table as it is.
known AS (
    SELECT w.landed
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'profile_traits'
      AND w.object_id = coalesce((
          SELECT CAST(a.attnum AS text)
          FROM pg_catalog.pg_attribute AS a
          WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
            AND a.attname = CASE w.landed
                    WHEN 'trait customer_plan as plan' THEN 'plan'
                    WHEN 'trait customer_tier as plan' THEN 'plan'
                    WHEN 'trait group as order' THEN 'order'
                    ELSE substr(w.landed, 7)
                END
      ), '')
      AND w.landed_id = coalesce((
          SELECT CAST(a.attnum AS text)
          FROM pg_catalog.pg_attribute AS a
          WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
            AND a.attname = CASE w.landed
                    WHEN 'trait customer_plan as plan' THEN 'customer_plan'
                    WHEN 'trait customer_tier as plan' THEN 'customer_tier'
                    WHEN 'trait group as order' THEN 'group'
                    ELSE substr(w.landed, 7)
                END
      ), '')
),
touched AS (
    SELECT n.segment_id
    FROM named AS n

    UNION ALL

    -- What their entries ever pointed to: a profile that they left has other traits now.
    SELECT u.canonical_segment_id
    FROM acme.id_graph_updates AS u
    WHERE u.canonical_segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM named AS n WHERE n.segment_id = u.segment_id)

    UNION ALL

    SELECT u.segment_id
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.seq,
            landed.received_at,
            landed.uuid_ts,
            landed.timestamp,
            landed.email,
            coalesce(landed.plan, landed.customer_plan, landed.customer_tier) AS plan,
            landed.lifetime_value,
            landed.is_vip,
            coalesce(landed."order", landed."group") AS "order"
        FROM acme.profile_traits_updates AS landed
    ) AS u
    WHERE u.segment_id IS NOT NULL
      AND (
          u.uuid_ts BETWEEN
                  (SELECT w.own_since FROM profile_traits_window AS w)
              AND (SELECT w.own_until FROM profile_traits_window AS w)
          OR u.uuid_ts IS NULL
      )

    UNION ALL

    -- A trait that the project has gained comes with its history.
    SELECT u.segment_id
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.seq,
            landed.received_at,
            landed.uuid_ts,
            landed.timestamp,
            landed.email,
            coalesce(landed.plan, landed.customer_plan, landed.customer_tier) AS plan,
            landed.lifetime_value,
            landed.is_vip,
            coalesce(landed."order", landed."group") AS "order"
        FROM acme.profile_traits_updates AS landed
    ) AS u
    WHERE u.segment_id IS NOT NULL
      AND u.uuid_ts BETWEEN
              '-infinity'
          AND (SELECT w.own_until FROM profile_traits_window AS w WHERE w.new_traits > 0)
      AND (
          (u.email IS NOT NULL AND 'trait email' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.plan IS NOT NULL AND 'trait plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.plan IS NOT NULL AND 'trait customer_plan as plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.plan IS NOT NULL AND 'trait customer_tier as plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.lifetime_value IS NOT NULL AND 'trait lifetime_value' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.is_vip IS NOT NULL AND 'trait is_vip' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u."order" IS NOT NULL AND 'trait order' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u."order" IS NOT NULL AND 'trait group as order' NOT IN (SELECT k.landed FROM known AS k))
      )
),
-- Most were touched in several ways.
changed AS (
    SELECT DISTINCT t.segment_id
    FROM touched AS t
),
-- And all that belong to the same profile as one of them. With that profile, so that it need not be looked up again.
together AS (
    SELECT
        c.segment_id,
        NULL AS canonical_segment_id
    FROM changed AS c

    UNION ALL

    SELECT
        member.segment_id,
        member.canonical_segment_id
    FROM acme.id_graph AS member
    WHERE member.canonical_segment_id IN (
        SELECT own.canonical_segment_id
        FROM changed AS c
        JOIN acme.id_graph AS own ON own.segment_id = c.segment_id
    )

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
        kept.canonical_segment_id,
        g.canonical_segment_id
    FROM acme.profile_traits AS kept
    LEFT JOIN acme.id_graph AS g ON g.segment_id = kept.canonical_segment_id
    WHERE (SELECT w.is_first FROM profile_traits_window AS w)
)
SELECT
    t.segment_id,
    max(t.canonical_segment_id) AS canonical_segment_id
FROM together AS t
GROUP BY t.segment_id;

-- Without statistics the planner takes a new table for a big one, and reads whole tables where a few rows would do.
ANALYZE profile_traits_affected;

CREATE TEMPORARY TABLE profile_traits_built ON COMMIT DROP AS
WITH
-- A landed row is a snapshot: of each segment the latest.
of_segment AS (
    SELECT
        t.segment_id,
        t.email,
        t.plan,
        t.lifetime_value,
        t.is_vip,
        t."order",
        t.timestamp,
        t.seq,
        t.uuid_ts,
        t.id,
        row_number() OVER (
            PARTITION BY t.segment_id
            ORDER BY
                t.timestamp DESC NULLS LAST,
                t.seq COLLATE "C" DESC NULLS LAST,
                t.uuid_ts DESC NULLS LAST,
                t.id COLLATE "C" DESC NULLS LAST,
                t.segment_id COLLATE "C" DESC NULLS LAST
        ) AS recency
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.seq,
            landed.received_at,
            landed.uuid_ts,
            landed.timestamp,
            landed.email,
            coalesce(landed.plan, landed.customer_plan, landed.customer_tier) AS plan,
            landed.lifetime_value,
            landed.is_vip,
            coalesce(landed."order", landed."group") AS "order"
        FROM acme.profile_traits_updates AS landed
    ) AS t
    WHERE t.segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM profile_traits_affected AS a WHERE a.segment_id = t.segment_id)
),
-- Under the profile that they belong to now, numbered from its oldest to its latest.
numbered AS (
    SELECT
        coalesce(g.canonical_segment_id, s.segment_id) COLLATE "default" AS canonical_segment_id,
        s.email,
        s.plan,
        s.lifetime_value,
        s.is_vip,
        s."order",
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
            ORDER BY
                s.timestamp ASC NULLS FIRST,
                s.seq COLLATE "C" ASC NULLS FIRST,
                s.uuid_ts ASC NULLS FIRST,
                s.id COLLATE "C" ASC NULLS FIRST,
                s.segment_id COLLATE "C" ASC NULLS FIRST
        ) AS recency,
        count(*) OVER (PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)) AS snapshots,
        max(s.timestamp) OVER (PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)) AS taken_at
    FROM of_segment AS s
    LEFT JOIN acme.id_graph AS g ON g.segment_id = s.segment_id
    WHERE s.recency = 1
),
-- The latest decides every trait, NULL included. Where a merge is later than that, nobody has spoken for the whole profile
-- yet: then each segment's own counts.
resolved AS (
    SELECT
        n.canonical_segment_id,
        n.email,
        n.plan,
        n.lifetime_value,
        n.is_vip,
        n."order",
        n.recency
    FROM numbered AS n
    LEFT JOIN (
        SELECT
            g.canonical_segment_id,
            max(g.timestamp) AS merged_at
        FROM acme.id_graph AS g
        WHERE g.segment_id <> g.canonical_segment_id
          AND EXISTS (SELECT 1 FROM profile_traits_affected AS a WHERE a.segment_id = g.segment_id)
        GROUP BY g.canonical_segment_id
    ) AS m ON m.canonical_segment_id = n.canonical_segment_id
    WHERE n.recency = n.snapshots
       OR m.merged_at > n.taken_at
       OR (n.taken_at IS NULL AND m.merged_at IS NOT NULL)
),
-- One pass for all traits: aggregates take a sorted subquery's rows in its order, so the first value of each is its latest.
latest AS (
    SELECT
        r.canonical_segment_id,
        (array_agg(r.email) FILTER (WHERE r.email IS NOT NULL))[1] AS email,
        (array_agg(r.plan) FILTER (WHERE r.plan IS NOT NULL))[1] AS plan,
        (array_agg(r.lifetime_value) FILTER (WHERE r.lifetime_value IS NOT NULL))[1] AS lifetime_value,
        (array_agg(r.is_vip) FILTER (WHERE r.is_vip IS NOT NULL))[1] AS is_vip,
        (array_agg(r."order") FILTER (WHERE r."order" IS NOT NULL))[1] AS "order"
    FROM (
        SELECT
            r.canonical_segment_id,
            r.email,
            r.plan,
            r.lifetime_value,
            r.is_vip,
            r."order",
            r.recency
        FROM resolved AS r
        ORDER BY
            r.canonical_segment_id,
            r.recency DESC
    ) AS r
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.plan,
    l.lifetime_value,
    l.is_vip,
    l."order",
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM (
    SELECT g.*
    FROM acme.id_graph AS g
    WHERE EXISTS (SELECT 1 FROM profile_traits_affected AS a WHERE a.segment_id = g.segment_id)
) AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;

ANALYZE profile_traits_built (canonical_segment_id);

-- A key's column that others dropped and added again is NULL: nothing finds such rows.
DELETE FROM acme.profile_traits
WHERE (SELECT w.is_first FROM profile_traits_window AS w)
  AND (canonical_segment_id IS NULL);

-- In one statement, so that each row of the table is looked up once. Only rows that differ are written.
MERGE INTO acme.profile_traits AS old
USING (
    SELECT
        a.segment_id AS canonical_segment_id,
        new.email,
        new.plan,
        new.lifetime_value,
        new.is_vip,
        new."order",
        new.merged_to,
        new.canonical_segment_id IS NULL AS is_gone
    FROM profile_traits_affected AS a
    LEFT JOIN profile_traits_built AS new
        ON a.segment_id = new.canonical_segment_id
) AS new
ON new.canonical_segment_id = old.canonical_segment_id
WHEN MATCHED AND new.is_gone THEN
    DELETE
WHEN MATCHED AND (
        new.email,
        new.plan,
        new.lifetime_value,
        new.is_vip,
        new."order",
        new.merged_to
    ) IS DISTINCT FROM (
        old.email,
        old.plan,
        old.lifetime_value,
        old.is_vip,
        old."order",
        old.merged_to
    ) THEN
    UPDATE SET
        email = new.email,
        plan = new.plan,
        lifetime_value = new.lifetime_value,
        is_vip = new.is_vip,
        "order" = new."order",
        merged_to = new.merged_to
WHEN NOT MATCHED AND NOT new.is_gone THEN
    INSERT (
        canonical_segment_id,
        email,
        plan,
        lifetime_value,
        is_vip,
        "order",
        merged_to
    )
    VALUES (
        new.canonical_segment_id,
        new.email,
        new.plan,
        new.lifetime_value,
        new.is_vip,
        new."order",
        new.merged_to
    );

DELETE FROM acme.idgraph_watermarks WHERE model = 'profile_traits';

INSERT INTO acme.idgraph_watermarks (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
SELECT
    'profile_traits',
    'acme.id_graph_updates',
    (SELECT w.graph_read_to FROM profile_traits_window AS w),
    (
        SELECT c.oid || '.' || CASE c.relkind
            WHEN 'p' THEN (
                SELECT coalesce(min(leaf.relfilenode), 0)
                FROM pg_catalog.pg_partition_tree(c.oid) AS tree
                JOIN pg_catalog.pg_class AS leaf ON leaf.oid = tree.relid AND leaf.relkind <> 'p'
            )
            ELSE c.relfilenode
        END || coalesce((
            SELECT ' ' || string_agg(a.attname || '=' || a.attnum, ' ' ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid
              AND a.attname IN ('canonical_segment_id', 'merged_to')
        ), '')
        FROM pg_catalog.pg_class AS c
        WHERE c.oid = pg_catalog.to_regclass('acme.profile_traits')
    ),
    coalesce((
        SELECT c.oid || '.' || CASE c.relkind
            WHEN 'p' THEN (
                SELECT coalesce(min(leaf.relfilenode), 0)
                FROM pg_catalog.pg_partition_tree(c.oid) AS tree
                JOIN pg_catalog.pg_class AS leaf ON leaf.oid = tree.relid AND leaf.relkind <> 'p'
            )
            ELSE c.relfilenode
        END || coalesce((
            SELECT ' ' || string_agg(a.attname || '=' || a.attnum, ' ' ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid
              AND a.attname IN ('id', 'segment_id', 'canonical_segment_id', 'seq', 'received_at', 'uuid_ts', 'timestamp')
        ), '')
        FROM pg_catalog.pg_class AS c
        WHERE c.oid = pg_catalog.to_regclass('acme.id_graph_updates')
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'acme.profile_traits_updates',
    (SELECT w.own_read_to FROM profile_traits_window AS w),
    (
        SELECT c.oid || '.' || CASE c.relkind
            WHEN 'p' THEN (
                SELECT coalesce(min(leaf.relfilenode), 0)
                FROM pg_catalog.pg_partition_tree(c.oid) AS tree
                JOIN pg_catalog.pg_class AS leaf ON leaf.oid = tree.relid AND leaf.relkind <> 'p'
            )
            ELSE c.relfilenode
        END || coalesce((
            SELECT ' ' || string_agg(a.attname || '=' || a.attnum, ' ' ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid
              AND a.attname IN ('canonical_segment_id', 'merged_to')
        ), '')
        FROM pg_catalog.pg_class AS c
        WHERE c.oid = pg_catalog.to_regclass('acme.profile_traits')
    ),
    coalesce((
        SELECT c.oid || '.' || CASE c.relkind
            WHEN 'p' THEN (
                SELECT coalesce(min(leaf.relfilenode), 0)
                FROM pg_catalog.pg_partition_tree(c.oid) AS tree
                JOIN pg_catalog.pg_class AS leaf ON leaf.oid = tree.relid AND leaf.relkind <> 'p'
            )
            ELSE c.relfilenode
        END || coalesce((
            SELECT ' ' || string_agg(a.attname || '=' || a.attnum, ' ' ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid
              AND a.attname IN ('id', 'segment_id', 'seq', 'received_at', 'uuid_ts', 'timestamp')
        ), '')
        FROM pg_catalog.pg_class AS c
        WHERE c.oid = pg_catalog.to_regclass('acme.profile_traits_updates')
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'trait email',
    NULL,
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
          AND a.attname = 'email'
    ), ''),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'email'
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'trait plan',
    NULL,
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
          AND a.attname = 'plan'
    ), ''),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'plan'
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'trait customer_plan as plan',
    NULL,
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
          AND a.attname = 'plan'
    ), ''),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'customer_plan'
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'trait customer_tier as plan',
    NULL,
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
          AND a.attname = 'plan'
    ), ''),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'customer_tier'
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'trait lifetime_value',
    NULL,
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
          AND a.attname = 'lifetime_value'
    ), ''),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'lifetime_value'
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'trait is_vip',
    NULL,
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
          AND a.attname = 'is_vip'
    ), ''),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'is_vip'
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'trait order',
    NULL,
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
          AND a.attname = 'order'
    ), ''),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'order'
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'trait group as order',
    NULL,
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits')
          AND a.attname = 'order'
    ), ''),
    coalesce((
        SELECT CAST(a.attnum AS text)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = pg_catalog.to_regclass('acme.profile_traits_updates')
          AND a.attname = 'group'
    ), '')
;

COMMIT;
