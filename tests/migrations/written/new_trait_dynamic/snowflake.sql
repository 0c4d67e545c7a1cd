-- 0002 new trait dynamic
--
--   new column plan
--
-- Written by `idgraph migrate new` for Snowflake.
-- Its statements run one by one.
-- idgraph: no-transaction

-- The dynamic table profile_traits shows something else now.
-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
-- idgraph: needs acme.identifies.plan varchar
-- Snowflake keeps it up to date by itself; made once more, it is computed anew. To make it takes CREATE DYNAMIC TABLE on
-- the schema and USAGE on the warehouse.
CREATE OR REPLACE DYNAMIC TABLE acme.profile_traits (
    canonical_segment_id varchar       COMMENT 'A profile id, merged away or not',
    email                varchar       COMMENT 'Trait email',
    visits               number(38, 0) COMMENT 'Trait visits',
    plan                 varchar       COMMENT 'Trait plan',
    merged_to            varchar       COMMENT 'The profile that this one was merged into; NULL for a canonical one'
)
TARGET_LAG = '60 minutes'
WAREHOUSE = transforming
REFRESH_MODE = AUTO
CLUSTER BY (canonical_segment_id)
COMMENT = 'One row for every profile id: the last value of each trait. Built by idgraph.'
COPY GRANTS
AS
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.email,
        t.visits,
        t.plan,
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
-- One pass for all traits: the latest value of each. max_by passes over rows whose second argument is NULL.
latest AS (
    SELECT
        r.canonical_segment_id,
        max_by(r.email, CASE WHEN r.email IS NOT NULL THEN r.recency END) AS email,
        max_by(r.visits, CASE WHEN r.visits IS NOT NULL THEN r.recency END) AS visits,
        max_by(r.plan, CASE WHEN r.plan IS NOT NULL THEN r.recency END) AS plan
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.visits,
    l.plan,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;
