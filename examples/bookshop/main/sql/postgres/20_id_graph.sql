-- One row for every profile id ever seen: where it points now.
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
SELECT CAST(CAST(pg_catalog.to_regclass('profiles.id_graph') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('profiles.id_graph') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM profiles.idgraph_objects AS o
    WHERE o.schema_name = 'profiles'
      AND o.object_name = 'id_graph'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('profiles.id_graph') AS oid) AS text)
);

CREATE TABLE IF NOT EXISTS profiles.id_graph (
    segment_id           text,
    canonical_segment_id text,
    timestamp            timestamp with time zone
);

-- Into the record, with the identity that the catalog gave it.
MERGE INTO profiles.idgraph_objects AS o
USING (
    SELECT
        'profiles' AS schema_name,
        'id_graph' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('profiles.id_graph')
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

COMMENT ON TABLE profiles.id_graph IS 'One row for every profile id ever seen: where it points now. Built by idgraph.';
COMMENT ON COLUMN profiles.id_graph.segment_id           IS 'A profile id, merged away or not';
COMMENT ON COLUMN profiles.id_graph.canonical_segment_id IS 'The profile after all merges';
COMMENT ON COLUMN profiles.id_graph.timestamp            IS 'When it came to point there';

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
LOCK TABLE profiles.id_graph IN SHARE ROW EXCLUSIVE MODE;

-- Landed columns keep their types until then.
LOCK TABLE profiles.id_graph_updates IN ACCESS SHARE MODE;

-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('profiles.id_graph') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('profiles.id_graph') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM profiles.idgraph_objects AS o
    WHERE o.schema_name = 'profiles'
      AND o.object_name = 'id_graph'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('profiles.id_graph') AS oid) AS text)
);

-- Code of others would run with the rights of who writes to its table, reads a column of its type, or reads where an index,
-- statistics or a constraint call it: then this ends here.
SELECT CAST(about.name || ' ' || code.what || coalesce(' of role ' || owner.rolname, '') AS integer) AS nothing
FROM (
    VALUES
        ('profiles.idgraph_objects', true),
        ('profiles.id_graph', true),
        ('profiles.id_graph_updates', false)
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

-- In steps: the planner cannot guess the size of a recursion, and does well once it knows the size of each table.
-- First the latest entry of each profile, without what decided that: less to write and to read. One without a canonical
-- id names the profile itself.
CREATE TEMPORARY TABLE id_graph_entry ON COMMIT DROP AS
SELECT
    l.segment_id COLLATE "default" AS segment_id,
    l.canonical_segment_id COLLATE "default" AS canonical_segment_id,
    l.timestamp
FROM (
    -- By bytes from the start: a column and the same by bytes would both be sorted along.
    SELECT DISTINCT ON (u.segment_id COLLATE "C")
        u.segment_id COLLATE "C" AS segment_id,
        u.canonical_segment_id COLLATE "C" AS canonical_segment_id,
        u.timestamp
    FROM profiles.id_graph_updates AS u
    WHERE u.segment_id IS NOT NULL
    ORDER BY
        u.segment_id COLLATE "C",
        u.timestamp DESC NULLS LAST,
        u.seq COLLATE "C" DESC NULLS LAST,
        u.uuid_ts DESC NULLS LAST,
        u.id COLLATE "C" DESC NULLS LAST,
        u.canonical_segment_id COLLATE "C" DESC NULLS LAST
) AS l;

ANALYZE id_graph_entry;

-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step. These go
-- on: the profile that they were merged into was merged in turn.
CREATE TEMPORARY TABLE id_graph_onward ON COMMIT DROP AS
SELECT
    e.segment_id,
    e.canonical_segment_id,
    e.timestamp,
    next.canonical_segment_id AS next_segment_id,
    next.timestamp            AS next_timestamp
FROM id_graph_entry AS e
JOIN id_graph_entry AS next
    ON  next.segment_id = e.canonical_segment_id
    AND next.canonical_segment_id <> next.segment_id
WHERE e.canonical_segment_id <> e.segment_id;

ANALYZE id_graph_onward;

-- Those that end after the second step, and from there what points to a profile already resolved: every profile is
-- visited once. `goes_on` and not NOT EXISTS, so that the planner expects many ends and hashes those that go on once,
-- not in every round.
CREATE TEMPORARY TABLE id_graph_chain ON COMMIT DROP AS
WITH RECURSIVE chain (segment_id, canonical_segment_id, timestamp) AS (
    SELECT
        o.segment_id,
        o.next_segment_id,
        greatest(o.timestamp, o.next_timestamp)
    FROM id_graph_onward AS o
    LEFT JOIN (SELECT f.segment_id, true AS goes_on FROM id_graph_onward AS f) AS further
        ON further.segment_id = o.canonical_segment_id
    WHERE NOT coalesce(further.goes_on, false)

    UNION ALL

    SELECT
        o.segment_id,
        c.canonical_segment_id,
        greatest(o.timestamp, c.timestamp)
    FROM chain AS c
    JOIN id_graph_onward AS o ON o.canonical_segment_id = c.segment_id
)
SELECT
    c.segment_id,
    c.canonical_segment_id,
    c.timestamp
FROM chain AS c;

ANALYZE id_graph_chain;

-- What is left runs into a cycle (merges that landed out of order).
CREATE TEMPORARY TABLE id_graph_lost ON COMMIT DROP AS
SELECT o.segment_id
FROM id_graph_onward AS o
WHERE NOT EXISTS (SELECT 1 FROM id_graph_chain AS c WHERE c.segment_id = o.segment_id);

ANALYZE id_graph_lost;

-- Numbered from the oldest entry to the newest.
CREATE TEMPORARY TABLE id_graph_astray ON COMMIT DROP AS
SELECT
    e.segment_id,
    e.canonical_segment_id,
    e.timestamp,
    row_number() OVER (
        ORDER BY
            e.timestamp ASC NULLS FIRST,
            e.seq COLLATE "C" ASC NULLS FIRST,
            e.uuid_ts ASC NULLS FIRST,
            e.id COLLATE "C" ASC NULLS FIRST,
            e.canonical_segment_id COLLATE "C" ASC NULLS FIRST,
            e.segment_id COLLATE "C" ASC NULLS FIRST
    ) AS age
FROM (
    SELECT
        l.segment_id COLLATE "default" AS segment_id,
        l.canonical_segment_id COLLATE "default" AS canonical_segment_id,
        l.timestamp,
        l.seq COLLATE "default" AS seq,
        l.uuid_ts,
        l.id COLLATE "default" AS id
    FROM (
        -- By bytes from the start: a column and the same by bytes would both be sorted along.
        SELECT DISTINCT ON (u.segment_id COLLATE "C")
            u.segment_id COLLATE "C" AS segment_id,
            u.canonical_segment_id COLLATE "C" AS canonical_segment_id,
            u.timestamp,
            u.seq COLLATE "C" AS seq,
            u.uuid_ts,
            u.id COLLATE "C" AS id
        FROM profiles.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND EXISTS (SELECT 1 FROM id_graph_lost AS a WHERE a.segment_id = u.segment_id)
        ORDER BY
            u.segment_id COLLATE "C",
            u.timestamp DESC NULLS LAST,
            u.seq COLLATE "C" DESC NULLS LAST,
            u.uuid_ts DESC NULLS LAST,
            u.id COLLATE "C" DESC NULLS LAST,
            u.canonical_segment_id COLLATE "C" DESC NULLS LAST
    ) AS l
) AS e;

ANALYZE id_graph_astray;

INSERT INTO id_graph_chain (
    segment_id,
    canonical_segment_id,
    timestamp
)
WITH RECURSIVE
-- From here on ages stand for profiles: numbers take less room than ids in the rounds that follow.
pointing AS (
    SELECT
        a.segment_id,
        a.age,
        next.age AS next_age,
        a.timestamp
    FROM id_graph_astray AS a
    JOIN id_graph_astray AS next ON next.segment_id = a.canonical_segment_id
),
-- Each looks twice as far in every round and keeps the age of the oldest on its way, itself included, until nobody
-- finds an older one: then each in a cycle has looked all around it, and few rounds go round any cycle.
-- A recursive query may name itself only once, so the round before has a name of its own.
leap (age, reached, oldest, nth, has_news) AS (
    SELECT
        p.age,
        p.next_age,
        p.age,
        1,
        true
    FROM pointing AS p

    UNION ALL

    (
        WITH round AS (
            SELECT * FROM leap
        )
        SELECT
            near.age,
            far.reached,
            least(near.oldest, far.oldest),
            near.nth + 1,
            far.oldest < near.oldest
        FROM round AS near
        JOIN round AS far ON far.age = near.reached
        WHERE EXISTS (SELECT 1 FROM round AS r WHERE r.has_news)
    )
),
-- The oldest of its cycle is the oldest that the profile after it can see. In front of a cycle, nobody is seen again.
head AS (
    SELECT
        p.segment_id,
        p.age
    FROM pointing AS p
    JOIN leap AS l
        ON  l.age = p.next_age
        AND l.oldest = p.age
    WHERE l.nth = (SELECT max(last.nth) FROM leap AS last)
),
-- The newer merges win: the oldest of a cycle is canonical, and all that leads to the cycle leads to it, by steps
-- that double as well, until nobody gets further. A head stays where it is.
way (age, reached, timestamp, nth, has_moved) AS (
    SELECT
        p.age,
        CASE WHEN h.age IS NULL THEN p.next_age ELSE p.age END,
        CASE WHEN h.age IS NULL THEN p.timestamp END,
        1,
        true
    FROM pointing AS p
    LEFT JOIN head AS h ON h.age = p.age

    UNION ALL

    (
        WITH round AS (
            SELECT * FROM way
        )
        SELECT
            near.age,
            far.reached,
            greatest(near.timestamp, far.timestamp),
            near.nth + 1,
            far.reached <> near.reached
        FROM round AS near
        JOIN round AS far ON far.age = near.reached
        WHERE EXISTS (SELECT 1 FROM round AS r WHERE r.has_moved)
    )
),
around AS (
    SELECT
        p.segment_id,
        h.segment_id AS canonical_segment_id,
        w.timestamp
    FROM way AS w
    JOIN pointing AS p ON p.age = w.age
    JOIN head AS h ON h.age = w.reached
    WHERE w.nth = (SELECT max(last.nth) FROM way AS last)
)
SELECT
    r.segment_id,
    r.canonical_segment_id,
    r.timestamp
FROM around AS r;

ANALYZE id_graph_chain;

CREATE TEMPORARY TABLE id_graph_built ON COMMIT DROP AS
-- An entry is where a profile points, unless that way goes on. The head of a cycle goes nowhere.
SELECT
    e.segment_id,
    coalesce(c.canonical_segment_id, e.canonical_segment_id, e.segment_id) AS canonical_segment_id,
    CASE WHEN c.canonical_segment_id <> e.segment_id THEN c.timestamp ELSE e.timestamp END AS timestamp
FROM id_graph_entry AS e
LEFT JOIN id_graph_chain AS c ON c.segment_id = e.segment_id

UNION ALL

-- Profiles that only appear as the target of a merge.
SELECT
    u.canonical_segment_id,
    u.canonical_segment_id,
    min(u.timestamp)
FROM profiles.id_graph_updates AS u
WHERE u.canonical_segment_id <> u.segment_id
  AND NOT EXISTS (SELECT 1 FROM id_graph_entry AS e WHERE e.segment_id = u.canonical_segment_id)
GROUP BY u.canonical_segment_id;

-- Only rows that differ are written: the table keeps its grants, its views and most of its pages.
DELETE FROM profiles.id_graph AS old
WHERE NOT EXISTS (
    SELECT 1
    FROM id_graph_built AS new
    WHERE new.segment_id = old.segment_id
      AND (
        new.canonical_segment_id,
        new.timestamp
      ) IS NOT DISTINCT FROM (
        old.canonical_segment_id,
        old.timestamp
      )
);

-- What is new is set aside before it goes in: the table is read as it was, once, and not while it grows.
CREATE TEMPORARY TABLE id_graph_fresh ON COMMIT DROP AS
SELECT
    new.segment_id,
    new.canonical_segment_id,
    new.timestamp
FROM id_graph_built AS new
WHERE NOT EXISTS (
    SELECT 1
    FROM profiles.id_graph AS old
    WHERE new.segment_id = old.segment_id
);

INSERT INTO profiles.id_graph (
    segment_id,
    canonical_segment_id,
    timestamp
)
SELECT
    fresh.segment_id,
    fresh.canonical_segment_id,
    fresh.timestamp
FROM id_graph_fresh AS fresh;

-- Other hands may have made a row twice: one of the two goes. Where there are no rows too many, nothing is joined.
DELETE FROM profiles.id_graph AS old
USING profiles.id_graph AS twin
WHERE twin.segment_id = old.segment_id
  AND twin.ctid < old.ctid
  AND (SELECT count(*) FROM profiles.id_graph) > (SELECT count(*) FROM id_graph_built);

-- What reads it next is planned with its size, not a guess.
ANALYZE profiles.id_graph;

CREATE INDEX IF NOT EXISTS id_graph_segment_id_idx
    ON profiles.id_graph USING hash (segment_id);
CREATE INDEX IF NOT EXISTS id_graph_canonical_segment_id_idx
    ON profiles.id_graph USING hash (canonical_segment_id);

COMMIT;
