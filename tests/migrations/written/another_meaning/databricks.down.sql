-- 0002 another meaning
--
--   The way back.
--
-- Written by `idgraph migrate new` for Databricks.
-- Its statements run one by one.
-- idgraph: no-transaction

-- profile_traits means something else now. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
-- idgraph: destructive acme.profile_traits
-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
INSERT OVERWRITE TABLE acme.profile_traits (
    canonical_segment_id,
    email,
    visits,
    merged_to
)
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.email,
        t.visits,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id)
            ORDER BY
                t.timestamp ASC NULLS FIRST,
                t.uuid_ts ASC NULLS FIRST,
                t.id ASC NULLS FIRST,
                t.segment_id ASC NULLS FIRST
        ) AS recency
    FROM acme.identifies AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
    WHERE t.segment_id IS NOT NULL
),
-- One pass for all traits: the latest value of each, NULL aside.
latest AS (
    SELECT
        r.canonical_segment_id,
        max_by(r.email, r.recency) FILTER (WHERE r.email IS NOT NULL) AS email,
        max_by(r.visits, r.recency) FILTER (WHERE r.visits IS NOT NULL) AS visits
    FROM resolved AS r
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
