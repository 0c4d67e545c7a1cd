-- 0002 another meaning
--
--   profile_traits means something else
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- profile_traits means something else now. Its rows are computed anew, in place:
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

CREATE TEMPORARY TABLE profile_traits_built ON COMMIT DROP AS
WITH
-- A landed row is a snapshot: of each segment the latest.
of_segment AS (
    SELECT
        t.segment_id,
        t.email,
        t.visits,
        t.timestamp,
        t.uuid_ts,
        t.id,
        row_number() OVER (
            PARTITION BY t.segment_id
            ORDER BY
                t.timestamp DESC NULLS LAST,
                t.uuid_ts DESC NULLS LAST,
                t.id COLLATE "C" DESC NULLS LAST,
                t.segment_id COLLATE "C" DESC NULLS LAST
        ) AS recency
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
),
-- Under the profile that they belong to now, numbered from its oldest to its latest.
numbered AS (
    SELECT
        coalesce(g.canonical_segment_id, s.segment_id) COLLATE "default" AS canonical_segment_id,
        s.email,
        s.visits,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
            ORDER BY
                s.timestamp ASC NULLS FIRST,
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
        n.visits,
        n.recency
    FROM numbered AS n
    LEFT JOIN (
        SELECT
            g.canonical_segment_id,
            max(g.timestamp) AS merged_at
        FROM acme.id_graph AS g
        WHERE g.segment_id <> g.canonical_segment_id
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
        (array_agg(r.visits) FILTER (WHERE r.visits IS NOT NULL))[1] AS visits
    FROM (
        SELECT
            r.canonical_segment_id,
            r.email,
            r.visits,
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
    l.visits,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;

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
