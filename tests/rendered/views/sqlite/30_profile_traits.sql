-- One row for every profile id: the last value of each trait.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

DROP VIEW IF EXISTS acme.profile_traits;

CREATE VIEW acme.profile_traits AS
-- Built by idgraph.
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        CAST(coalesce(g.canonical_segment_id, t.segment_id) AS text) AS canonical_segment_id,
        t.email,
        t.plan,
        t.lifetime_value,
        t.is_vip,
        t."order",
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id)
            ORDER BY
                t.timestamp,
                t.uuid_ts,
                t.id,
                t.segment_id
        ) AS recency
    FROM identifies AS t
    LEFT JOIN id_graph AS g ON g.segment_id = t.segment_id
    WHERE t.segment_id IS NOT NULL
),
-- For each trait, the latest row that has a value, and that value: each aggregate is over one row.
latest AS (
    SELECT
        d.canonical_segment_id,
        max(CASE WHEN d.recency = d.window_1 THEN d.email END) AS email,
        max(CASE WHEN d.recency = d.window_2 THEN d.plan END) AS plan,
        max(CASE WHEN d.recency = d.window_3 THEN d.lifetime_value END) AS lifetime_value,
        max(CASE WHEN d.recency = d.window_4 THEN d.is_vip END) AS is_vip,
        max(CASE WHEN d.recency = d.window_5 THEN d."order" END) AS "order"
    FROM (
        SELECT
            r.canonical_segment_id,
            r.email,
            max(CASE WHEN r.email IS NOT NULL THEN r.recency END) OVER (PARTITION BY r.canonical_segment_id) AS window_1,
            r.plan,
            max(CASE WHEN r.plan IS NOT NULL THEN r.recency END) OVER (PARTITION BY r.canonical_segment_id) AS window_2,
            r.lifetime_value,
            max(CASE WHEN r.lifetime_value IS NOT NULL THEN r.recency END) OVER (PARTITION BY r.canonical_segment_id) AS window_3,
            r.is_vip,
            max(CASE WHEN r.is_vip IS NOT NULL THEN r.recency END) OVER (PARTITION BY r.canonical_segment_id) AS window_4,
            r."order",
            max(CASE WHEN r."order" IS NOT NULL THEN r.recency END) OVER (PARTITION BY r.canonical_segment_id) AS window_5,
            r.recency
        FROM resolved AS r
    ) AS d
    GROUP BY d.canonical_segment_id
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
FROM id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;
