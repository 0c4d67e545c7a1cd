-- One row for every profile id: the last value of each trait.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the cluster, the user or the client has set.
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';
SET enable_case_sensitive_identifier TO false;

BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS acme.profile_traits;

CREATE VIEW acme.profile_traits AS
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.email,
        t.plan,
        t.lifetime_value,
        t.is_vip,
        t."order",
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id)
            ORDER BY
                t."timestamp" ASC NULLS FIRST,
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
            landed."timestamp",
            landed.email,
            landed.plan,
            landed.lifetime_value,
            landed.is_vip,
            landed._order AS "order"
        FROM acme.identifies AS landed
    ) AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
    WHERE t.segment_id IS NOT NULL
),
-- For each trait, the latest row that has a value.
decisive AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.email IS NOT NULL THEN r.recency END) AS email,
        max(CASE WHEN r.plan IS NOT NULL THEN r.recency END) AS plan,
        max(CASE WHEN r.lifetime_value IS NOT NULL THEN r.recency END) AS lifetime_value,
        max(CASE WHEN r.is_vip IS NOT NULL THEN r.recency END) AS is_vip,
        max(CASE WHEN r."order" IS NOT NULL THEN r.recency END) AS "order"
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
),
-- Its value: each aggregate is over one row.
latest AS (
    SELECT
        r.canonical_segment_id,
        max(CASE WHEN r.recency = d.email THEN r.email END) AS email,
        max(CASE WHEN r.recency = d.plan THEN r.plan END) AS plan,
        max(CASE WHEN r.recency = d.lifetime_value THEN r.lifetime_value END) AS lifetime_value,
        bool_or(CASE WHEN r.recency = d.is_vip THEN r.is_vip END) AS is_vip,
        max(CASE WHEN r.recency = d."order" THEN r."order" END) AS "order"
    FROM resolved AS r
    JOIN decisive AS d ON d.canonical_segment_id = r.canonical_segment_id
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.plan,
    l.lifetime_value,
    l.is_vip,
    l."order",
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
WITH NO SCHEMA BINDING;

COMMENT ON VIEW acme.profile_traits IS 'One row for every profile id: the last value of each trait. Built by idgraph.';

COMMIT;
