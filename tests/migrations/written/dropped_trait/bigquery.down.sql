-- 0002 dropped trait
--
--   The way back.
--
-- Written by `idgraph migrate new` for BigQuery.
-- Its statements run one by one.
-- idgraph: no-transaction

-- The trait visits comes back to profile_traits.
ALTER TABLE acme.profile_traits ADD COLUMN visits INT64 OPTIONS (description = 'Trait visits');

-- Values of visits from all landed rows; no other column is touched.
-- idgraph: needs acme.identifies.visits integer
UPDATE acme.profile_traits
SET
    visits = computed.visits
FROM (
    WITH
    -- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
    resolved AS (
        SELECT
            coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
            t.visits,
            row_number() OVER (
                PARTITION BY coalesce(g.canonical_segment_id, t.segment_id)
                ORDER BY
                    t.timestamp,
                    t.uuid_ts,
                    t.id,
                    t.segment_id
            ) AS recency
        FROM acme.identifies AS t
        LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
        WHERE t.segment_id IS NOT NULL
    ),
    -- One pass for all traits: the latest value of each, NULL aside.
    latest AS (
        SELECT
            r.canonical_segment_id,
            array_agg(r.visits IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS visits
        FROM resolved AS r
        GROUP BY r.canonical_segment_id
    )
    -- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
    SELECT
        coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
        l.visits,
        nullif(g.canonical_segment_id, g.segment_id) AS merged_to
    FROM acme.id_graph AS g
    FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
) AS computed
WHERE computed.canonical_segment_id = profile_traits.canonical_segment_id
  AND computed.visits IS NOT NULL;

-- Rows of visits from all landed rows.
-- idgraph: needs acme.identifies.visits integer
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
-- Landed traits in long form, a row for each value, from one pass over the landed table.
long AS (
    SELECT
        t.segment_id,
        pair.name,
        pair.value,
        CAST(NULL AS STRING) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    CROSS JOIN UNNEST([
        STRUCT('visits' AS name, CAST(t.visits AS STRING) AS value)
    ]) AS pair
    WHERE t.segment_id IS NOT NULL
      AND pair.value IS NOT NULL
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
                t.timestamp DESC,
                t.uuid_ts DESC,
                t.id DESC,
                t.segment_id DESC
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
