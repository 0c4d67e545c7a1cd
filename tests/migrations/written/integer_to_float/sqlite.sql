-- 0002 integer to float
--
--   column visits is real now, and was integer
--
-- Written by `idgraph migrate new` for SQLite.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- visits of profile_traits is real now, and was integer.
ALTER TABLE acme.profile_traits RENAME COLUMN visits TO visits_before;
ALTER TABLE acme.profile_traits ADD COLUMN visits real;

UPDATE acme.profile_traits SET visits = visits_before;

-- idgraph: destructive acme.profile_traits.visits_before
ALTER TABLE acme.profile_traits DROP COLUMN visits_before;

-- Values of visits from all landed rows; no other column is touched.
-- idgraph: needs acme.identifies.visits float
UPDATE acme.profile_traits
SET
    visits = new.visits
FROM (
    WITH
    -- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
    resolved AS (
        SELECT
            CAST(coalesce(g.canonical_segment_id, t.segment_id) AS text) AS canonical_segment_id,
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
    -- For each trait, the latest row that has a value.
    decisive AS (
        SELECT
            r.canonical_segment_id,
            max(CASE WHEN r.visits IS NOT NULL THEN r.recency END) AS visits
        FROM resolved AS r
        GROUP BY r.canonical_segment_id
    ),
    -- Its value: each aggregate is over one row.
    latest AS (
        SELECT
            r.canonical_segment_id,
            max(CASE WHEN r.recency = d.visits THEN r.visits END) AS visits
        FROM resolved AS r
        JOIN decisive AS d ON d.canonical_segment_id = r.canonical_segment_id
        GROUP BY r.canonical_segment_id
    )
    -- Every profile of the graph has a row, and so has one with traits that is not in the graph yet. Not a FULL JOIN,
    -- which SQLite does without an index: each row of one side with every row of the other.
    SELECT
        g.segment_id AS canonical_segment_id,
        l.visits,
        nullif(g.canonical_segment_id, g.segment_id) AS merged_to
    FROM acme.id_graph AS g
    LEFT JOIN latest AS l ON l.canonical_segment_id = g.segment_id

    UNION ALL

    SELECT
        l.canonical_segment_id,
        l.visits,
        NULL
    FROM latest AS l
    WHERE NOT EXISTS (SELECT 1 FROM acme.id_graph AS g WHERE g.segment_id = l.canonical_segment_id)
) AS new
WHERE new.canonical_segment_id = profile_traits.canonical_segment_id
  AND (
      new.visits IS NOT NULL
      OR profile_traits.visits IS NOT NULL
  );

-- long_traits has rows of visits no longer.
-- idgraph: destructive acme.long_traits
DELETE FROM acme.long_traits
WHERE name IN ('visits');

-- Rows of visits from all landed rows.
-- idgraph: needs acme.identifies.visits float
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
        'visits' AS name,
        CAST(t.visits AS text) AS value,
        CAST(NULL AS text) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
      AND t.visits IS NOT NULL
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
