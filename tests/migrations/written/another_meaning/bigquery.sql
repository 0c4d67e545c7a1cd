-- 0002 another meaning
--
--   profile_traits means something else
--
-- Written by `idgraph migrate new` for BigQuery.
-- Its statements run one by one.
-- idgraph: no-transaction

-- profile_traits means something else now. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
-- idgraph: destructive acme.profile_traits
-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
MERGE INTO acme.profile_traits AS old
USING (
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
                    t.timestamp DESC,
                    t.uuid_ts DESC,
                    t.id DESC,
                    t.segment_id DESC
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
    FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
) AS built
ON FALSE
WHEN NOT MATCHED BY SOURCE THEN
    DELETE
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        email,
        visits,
        merged_to
    )
    VALUES (
        built.canonical_segment_id,
        built.email,
        built.visits,
        built.merged_to
    );
