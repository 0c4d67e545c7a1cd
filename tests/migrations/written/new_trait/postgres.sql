-- 0002 new trait
--
--   new column plan
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- The trait plan is new in profile_traits.
ALTER TABLE acme.profile_traits ADD COLUMN plan text;

COMMENT ON COLUMN acme.profile_traits.plan IS 'It''s what they pay for';

-- Values of plan from all landed rows; no other column is touched.
-- idgraph: needs acme.identifies.plan varchar
UPDATE acme.profile_traits
SET
    plan = new.plan
FROM (
    WITH latest AS (
        -- One sort and one pass, whatever the number of traits: aggregates take a sorted subquery's rows in its order, so
        -- the first value of each trait is its latest.
        SELECT
            r.canonical_segment_id COLLATE "default" AS canonical_segment_id,
            (array_agg(r.plan) FILTER (WHERE r.plan IS NOT NULL))[1] AS plan
        FROM (
            -- Landed traits under the profile that they belong to now, its latest row first.
            SELECT
                coalesce(g.canonical_segment_id, t.segment_id) COLLATE "C" AS canonical_segment_id,
                t.plan
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
        GROUP BY r.canonical_segment_id
    )
    -- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
    SELECT
        coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
        l.plan,
        nullif(g.canonical_segment_id, g.segment_id) AS merged_to
    FROM acme.id_graph AS g
    FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
) AS new
WHERE new.canonical_segment_id = profile_traits.canonical_segment_id
  AND new.plan IS NOT NULL;

-- Rows of plan from all landed rows.
-- idgraph: needs acme.identifies.plan varchar
INSERT INTO acme.long_traits (
    canonical_segment_id,
    name,
    value,
    seq,
    received_at,
    uuid_ts,
    timestamp
)
WITH
-- Landed traits in long form: a row for each value.
long AS (
    SELECT
        t.segment_id,
        'plan' AS name,
        CAST(t.plan AS text) AS value,
        CAST(NULL AS text) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.plan IS NOT NULL
),
ranked AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.name,
        t.value,
        t.seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id), t.name
            ORDER BY
                t.timestamp DESC NULLS LAST,
                t.uuid_ts DESC NULLS LAST,
                t.id COLLATE "C" DESC NULLS LAST,
                t.segment_id COLLATE "C" DESC NULLS LAST
        ) AS nth_latest
    FROM long AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
)
SELECT
    r.canonical_segment_id,
    r.name,
    r.value,
    r.seq,
    r.received_at,
    r.uuid_ts,
    r.timestamp
FROM ranked AS r
WHERE r.nth_latest = 1;
