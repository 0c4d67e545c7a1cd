-- 0002 another meaning
--
--   profile_traits means something else
--
-- Written by `idgraph migrate new` for Redshift.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- profile_traits means something else now. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
COMMENT ON TABLE acme.profile_traits IS 'One row for every profile id: the last value of each trait. Built by idgraph.';
COMMENT ON COLUMN acme.profile_traits.canonical_segment_id IS 'A profile id, merged away or not';
COMMENT ON COLUMN acme.profile_traits.email                IS 'Trait email';
COMMENT ON COLUMN acme.profile_traits.visits               IS 'Trait visits';
COMMENT ON COLUMN acme.profile_traits.merged_to            IS 'The profile that this one was merged into; NULL for a canonical one';

-- idgraph: destructive acme.profile_traits
DELETE FROM acme.profile_traits;

-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
INSERT INTO acme.profile_traits (
    canonical_segment_id,
    email,
    visits,
    merged_to
)
WITH
-- Landed traits under the profile that they belong to now, numbered from its latest row to its oldest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.email,
        t.visits,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id)
            ORDER BY
                t."timestamp" DESC NULLS LAST,
                t.uuid_ts DESC NULLS LAST,
                t.id DESC NULLS LAST,
                t.segment_id DESC NULLS LAST
        ) AS recency
    FROM acme.identifies AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
    WHERE t.segment_id IS NOT NULL
),
-- A landed row is a snapshot: the latest one of a profile decides every trait, NULL included.
latest AS (
    SELECT r.*
    FROM resolved AS r
    WHERE r.recency = 1
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.visits,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;
