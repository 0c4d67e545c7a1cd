-- 0001 initial
--
--   new landed table id_graph_updates
--   new landed table external_id_mapping_updates
--   new landed table identifies
--   new landed table order_completed
--   new model id_graph
--   new model external_id_mapping
--   new model profile_traits
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- What the models stand in.
-- The record is believed where it is a table of this user's, of a role that the user was made a member of, or of a superuser.
SELECT CAST(CAST(pg_catalog.to_regclass('profiles.idgraph_objects') AS text) || ' belongs to ' || owner.rolname || ', and idgraph did not make it' AS integer) AS nothing
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_roles AS owner
    ON owner.oid = c.relowner
JOIN pg_catalog.pg_roles AS me
    ON me.rolname = CURRENT_USER
WHERE c.oid = pg_catalog.to_regclass('profiles.idgraph_objects')
  AND NOT (
    c.relkind = 'r'
    AND (
        owner.oid = me.oid
        OR owner.rolsuper
        OR (NOT me.rolsuper AND pg_catalog.pg_has_role(owner.oid, 'MEMBER'))
        OR EXISTS (SELECT 1 FROM pg_catalog.pg_auth_members AS m WHERE m.member = me.oid AND m.roleid = owner.oid)
    )
);

CREATE TABLE IF NOT EXISTS profiles.idgraph_objects (
    schema_name text,
    object_name text,
    kind        text,
    object_id   text,
    made_at     timestamp with time zone
);

COMMENT ON TABLE profiles.idgraph_objects IS 'The tables and views that idgraph made. Built by idgraph.';
COMMENT ON COLUMN profiles.idgraph_objects.schema_name IS 'The schema of the table or view';
COMMENT ON COLUMN profiles.idgraph_objects.object_name IS 'Its name';
COMMENT ON COLUMN profiles.idgraph_objects.kind        IS 'table or view';
COMMENT ON COLUMN profiles.idgraph_objects.object_id   IS 'Its identity in the catalog: a table of the same name that others made has another';
COMMENT ON COLUMN profiles.idgraph_objects.made_at     IS 'When idgraph made or adopted it';

-- external_id_hash is computed by digest() of the extension pgcrypto, since Postgres itself has no SHA-1. Where that is not in the
-- schema public, this file ends here.
SELECT CAST(
    coalesce(
        'pgcrypto is in the schema ' || min(CAST(n.nspname AS text)) || ': write that schema as `extensions: { pgcrypto: … }`',
        'pgcrypto is not in this database: CREATE EXTENSION pgcrypto WITH SCHEMA public, or write `extensions: { pgcrypto: none }`'
    ) AS integer
) AS nothing
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = e.extnamespace
WHERE e.extname = 'pgcrypto'
HAVING count(*) FILTER (WHERE n.oid = pg_catalog.to_regnamespace('public')) = 0;

-- One row for every profile id ever seen: where it points now.
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

-- One row for every external id: the profile that holds it now.
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

-- One row for every profile id: the last value of each trait.
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

-- One writer at a time, and nobody's trigger comes upon what is written; readers go on, and see the rows of before until COMMIT.
LOCK TABLE profiles.profile_traits IN SHARE ROW EXCLUSIVE MODE;

-- idgraph: needs profiles.identifies.email varchar
-- idgraph: needs profiles.identifies.plan varchar
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
