-- 0002 table to incremental
--
--   The way back.
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward made idgraph_watermarks.
-- idgraph: destructive acme.idgraph_watermarks
DROP TABLE acme.idgraph_watermarks;

-- Changes

-- id_graph means something else now. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.id_graph') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.id_graph') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'id_graph'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.id_graph') AS oid) AS text)
);

-- One writer at a time, and nobody's trigger comes upon what is written; readers go on, and see the rows of before until COMMIT.
LOCK TABLE acme.id_graph IN SHARE ROW EXCLUSIVE MODE;

-- Landed columns keep their types until then.
LOCK TABLE acme.id_graph_updates IN ACCESS SHARE MODE;

-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.id_graph') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.id_graph') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'id_graph'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.id_graph') AS oid) AS text)
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
        ('acme.id_graph_updates', ARRAY[
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
    FROM acme.id_graph_updates AS u
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
        FROM acme.id_graph_updates AS u
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
FROM acme.id_graph_updates AS u
WHERE u.canonical_segment_id <> u.segment_id
  AND NOT EXISTS (SELECT 1 FROM id_graph_entry AS e WHERE e.segment_id = u.canonical_segment_id)
GROUP BY u.canonical_segment_id;

-- idgraph: destructive acme.id_graph
-- Only rows that differ are written: the table keeps its grants, its views and most of its pages.
DELETE FROM acme.id_graph AS old
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
    FROM acme.id_graph AS old
    WHERE new.segment_id = old.segment_id
);

INSERT INTO acme.id_graph (
    segment_id,
    canonical_segment_id,
    timestamp
)
SELECT
    fresh.segment_id,
    fresh.canonical_segment_id,
    fresh.timestamp
FROM id_graph_fresh AS fresh;

-- idgraph: destructive acme.id_graph
-- Other hands may have made a row twice: one of the two goes. Where there are no rows too many, nothing is joined.
DELETE FROM acme.id_graph AS old
USING acme.id_graph AS twin
WHERE twin.segment_id = old.segment_id
  AND twin.ctid < old.ctid
  AND (SELECT count(*) FROM acme.id_graph) > (SELECT count(*) FROM id_graph_built);

-- What reads it next is planned with its size, not a guess.
ANALYZE acme.id_graph;

-- external_id_mapping is built from what changes above. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.external_id_mapping') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.external_id_mapping') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'external_id_mapping'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.external_id_mapping') AS oid) AS text)
);

-- One writer at a time, and nobody's trigger comes upon what is written; readers go on, and see the rows of before until COMMIT.
LOCK TABLE acme.external_id_mapping IN SHARE ROW EXCLUSIVE MODE;

-- Landed columns keep their types until then.
LOCK TABLE acme.id_graph_updates, acme.external_id_mapping_updates IN ACCESS SHARE MODE;

-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.external_id_mapping') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.external_id_mapping') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'external_id_mapping'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.external_id_mapping') AS oid) AS text)
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
        ('acme.id_graph_updates', ARRAY[
            'id', 'segment_id', 'canonical_segment_id', 'triggering_event_type',
            'triggering_event_id', 'triggering_event_name', 'triggering_event_source_id', 'triggering_event_source_name',
            'triggering_event_source_slug', 'seq', 'received_at', 'uuid_ts',
            'timestamp'
        ]),
        ('acme.external_id_mapping_updates', ARRAY[
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
        FROM acme.external_id_mapping_updates AS u
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
    LEFT JOIN acme.id_graph AS g ON g.segment_id = d.segment_id
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

-- idgraph: destructive acme.external_id_mapping
-- Only rows that differ are written: the table keeps its grants, its views and most of its pages.
DELETE FROM acme.external_id_mapping AS old
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
    FROM acme.external_id_mapping AS old
    WHERE new.external_id_type = old.external_id_type
      AND new.external_id_value = old.external_id_value
);

INSERT INTO acme.external_id_mapping (
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

-- idgraph: destructive acme.external_id_mapping
-- Other hands may have made a row twice: one of the two goes. Where there are no rows too many, nothing is joined.
DELETE FROM acme.external_id_mapping AS old
USING acme.external_id_mapping AS twin
WHERE twin.external_id_type = old.external_id_type
  AND twin.external_id_value = old.external_id_value
  AND twin.ctid < old.ctid
  AND (SELECT count(*) FROM acme.external_id_mapping) > (SELECT count(*) FROM external_id_mapping_built);

-- What reads it next is planned with its size, not a guess.
ANALYZE acme.external_id_mapping;

-- profile_traits is built from what changes above. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
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

-- One writer at a time, and nobody's trigger comes upon what is written; readers go on, and see the rows of before until COMMIT.
LOCK TABLE acme.profile_traits IN SHARE ROW EXCLUSIVE MODE;

-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
-- Landed columns keep their types until then.
LOCK TABLE acme.id_graph_updates, acme.identifies IN ACCESS SHARE MODE;

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
        ('acme.identifies', ARRAY[
            'id', 'segment_id', 'event_source_id', 'event_id',
            'anonymous_id', 'user_id', 'sent_at', 'original_timestamp',
            'received_at', 'uuid_ts', 'timestamp', 'context_url',
            'email', 'visits'
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
    (array_agg(r.visits) FILTER (WHERE r.visits IS NOT NULL))[1] AS visits
FROM (
    -- Landed traits under the profile that they belong to now, its latest row first.
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) COLLATE "C" AS canonical_segment_id,
        t.email,
        t.visits
    FROM acme.identifies AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
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
    l.visits,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN profile_traits_latest AS l ON l.canonical_segment_id = g.segment_id;

-- idgraph: destructive acme.profile_traits
-- Only rows that differ are written: the table keeps its grants, its views and most of its pages.
DELETE FROM acme.profile_traits AS old
WHERE NOT EXISTS (
    SELECT 1
    FROM profile_traits_built AS new
    WHERE new.canonical_segment_id = old.canonical_segment_id
      AND (
        new.email,
        new.visits,
        new.merged_to
      ) IS NOT DISTINCT FROM (
        old.email,
        old.visits,
        old.merged_to
      )
);

-- What is new is set aside before it goes in: the table is read as it was, once, and not while it grows.
CREATE TEMPORARY TABLE profile_traits_fresh ON COMMIT DROP AS
SELECT
    new.canonical_segment_id,
    new.email,
    new.visits,
    new.merged_to
FROM profile_traits_built AS new
WHERE NOT EXISTS (
    SELECT 1
    FROM acme.profile_traits AS old
    WHERE new.canonical_segment_id = old.canonical_segment_id
);

INSERT INTO acme.profile_traits (
    canonical_segment_id,
    email,
    visits,
    merged_to
)
SELECT
    fresh.canonical_segment_id,
    fresh.email,
    fresh.visits,
    fresh.merged_to
FROM profile_traits_fresh AS fresh;

-- idgraph: destructive acme.profile_traits
-- Other hands may have made a row twice: one of the two goes. Where there are no rows too many, nothing is joined.
DELETE FROM acme.profile_traits AS old
USING acme.profile_traits AS twin
WHERE twin.canonical_segment_id = old.canonical_segment_id
  AND twin.ctid < old.ctid
  AND (SELECT count(*) FROM acme.profile_traits) > (SELECT count(*) FROM profile_traits_built);

-- What reads it next is planned with its size, not a guess.
ANALYZE acme.profile_traits;
