-- 0002 another meaning
--
--   profile_traits means something else
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- profile_traits means something else now. Its rows are computed anew, in a table that takes its place:
-- grants on the old one alone are not on it.
-- A run that was cut off between two names: the old rows are back in place.
IF OBJECT_ID('acme.profile_traits', 'U') IS NULL AND OBJECT_ID('acme.idgraph_old_profile_traits', 'U') IS NOT NULL
    RENAME OBJECT acme.idgraph_old_profile_traits TO profile_traits;
GO

IF OBJECT_ID('tempdb..#profile_traits_built') IS NOT NULL
    DROP TABLE #profile_traits_built;
GO

-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
CREATE TABLE #profile_traits_built
WITH (DISTRIBUTION = HASH (canonical_segment_id), HEAP)
AS
WITH
-- A landed row is a snapshot: of each segment the latest.
of_segment AS (
    SELECT
        t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
        t.email,
        t.visits,
        t.timestamp,
        t.uuid_ts,
        t.id,
        row_number() OVER (
            PARTITION BY t.segment_id COLLATE Latin1_General_100_BIN2_UTF8
            ORDER BY
                t.timestamp DESC,
                t.uuid_ts DESC,
                CAST(t.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                CAST(t.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
        ) AS recency
    FROM acme.identifies AS t
    WHERE t.segment_id IS NOT NULL
),
-- Under the profile that they belong to now, numbered from its oldest to its latest.
numbered AS (
    SELECT
        coalesce(g.canonical_segment_id, s.segment_id) AS canonical_segment_id,
        s.email,
        s.visits,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
            ORDER BY
                s.timestamp,
                s.uuid_ts,
                CAST(s.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)),
                CAST(s.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000))
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
-- For each trait, the latest row that has a value.
decisive AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.email IS NOT NULL THEN r.recency END) AS email,
        max(CASE WHEN r.visits IS NOT NULL THEN r.recency END) AS visits
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
),
-- Its value: each aggregate is over one row.
latest AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.recency = d.email THEN r.email END) AS email,
        max(CASE WHEN r.recency = d.visits THEN r.visits END) AS visits
    FROM resolved AS r
    JOIN decisive AS d ON d.canonical_segment_id = r.canonical_segment_id
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
GO

-- Filled beside the table and put in its place: readers see the old rows or the new ones, and for the moment between two
-- names none. Grants go with the old table: give them on the schema.
IF OBJECT_ID('acme.idgraph_next_profile_traits', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_next_profile_traits;
GO

IF OBJECT_ID('acme.idgraph_old_profile_traits', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_old_profile_traits;
GO

CREATE TABLE acme.idgraph_next_profile_traits (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    email                varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    visits               bigint,
    merged_to            varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = HASH (canonical_segment_id), CLUSTERED COLUMNSTORE INDEX);
GO

INSERT INTO acme.idgraph_next_profile_traits (
    canonical_segment_id,
    email,
    visits,
    merged_to
)
SELECT
    new.canonical_segment_id,
    new.email,
    new.visits,
    new.merged_to
FROM #profile_traits_built AS new;
GO

-- idgraph: destructive acme.profile_traits
RENAME OBJECT acme.profile_traits TO idgraph_old_profile_traits;
GO
RENAME OBJECT acme.idgraph_next_profile_traits TO profile_traits;
GO

DROP TABLE acme.idgraph_old_profile_traits;
GO
