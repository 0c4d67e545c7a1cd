-- 0002 renamed trait
--
--   column email is called mail now
--
-- Written by `idgraph migrate new` for DuckDB.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- The trait email is called mail now.
-- idgraph: destructive acme.profile_traits.email
ALTER TABLE acme.profile_traits RENAME COLUMN email TO mail;

COMMENT ON COLUMN acme.profile_traits.mail IS 'Trait mail';

-- Values of mail from all landed rows; no other column is touched.
-- idgraph: needs acme.identifies.mail varchar
-- idgraph: needs acme.identifies.email varchar
-- idgraph: destructive acme.profile_traits.mail
UPDATE acme.profile_traits
SET
    mail = new.mail
FROM (
    WITH
    -- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
    resolved AS (
        SELECT
            coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
            t.mail,
            row_number() OVER (
                PARTITION BY coalesce(g.canonical_segment_id, t.segment_id)
                ORDER BY
                    t.timestamp ASC NULLS FIRST,
                    t.uuid_ts ASC NULLS FIRST,
                    t.id ASC NULLS FIRST,
                    t.segment_id ASC NULLS FIRST
            ) AS recency
        FROM (
            -- As it landed, under the project's names and types.
            SELECT
                landed.id,
                landed.segment_id,
                landed.received_at,
                landed.uuid_ts,
                landed.timestamp,
                coalesce(landed.mail, landed.email) AS mail
            FROM acme.identifies AS landed
        ) AS t
        LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
        WHERE t.segment_id IS NOT NULL
    ),
    -- One pass for all traits: the latest value of each, NULL aside.
    latest AS (
        SELECT
            r.canonical_segment_id,
            arg_max(r.mail, r.recency) FILTER (WHERE r.mail IS NOT NULL) AS mail
        FROM resolved AS r
        GROUP BY r.canonical_segment_id
    )
    -- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
    SELECT
        coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
        l.mail,
        nullif(g.canonical_segment_id, g.segment_id) AS merged_to
    FROM acme.id_graph AS g
    FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
) AS new
WHERE new.canonical_segment_id = profile_traits.canonical_segment_id
  AND (
      new.mail IS NOT NULL
      OR profile_traits.mail IS NOT NULL
  );

-- long_traits has rows of email no longer.
-- idgraph: destructive acme.long_traits
DELETE FROM acme.long_traits
WHERE name IN ('email');

-- Rows of mail from all landed rows.
-- idgraph: needs acme.identifies.mail varchar
-- idgraph: needs acme.identifies.email varchar
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
        'mail' AS name,
        CAST(t.mail AS varchar) AS value,
        CAST(NULL AS varchar) AS seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.received_at,
            landed.uuid_ts,
            landed.timestamp,
            coalesce(landed.mail, landed.email) AS mail
        FROM acme.identifies AS landed
    ) AS t
    WHERE t.segment_id IS NOT NULL
      AND t.mail IS NOT NULL
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
                t.id DESC NULLS LAST,
                t.segment_id DESC NULLS LAST
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
