-- One row for every profile id: the last value of each trait.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Bytes: who reads it is billed for no more than these columns of landed tables, in every partition:
--   acme.identifies:
--     timestamp, uuid_ts, id, segment_id, every trait
-- How many: `bq query --dry_run` says it of one query (at a file's first CREATE it stops); after a run,
-- total_bytes_billed in INFORMATION_SCHEMA.JOBS.

CREATE OR REPLACE VIEW acme.profile_traits (
    canonical_segment_id OPTIONS (description = 'A profile id, merged away or not'),
    email                OPTIONS (description = 'Trait email'),
    plan                 OPTIONS (description = 'Current plan'),
    lifetime_value       OPTIONS (description = 'Computed trait lifetimeValue'),
    is_vip               OPTIONS (description = 'Member of the audience is_vip'),
    `order`              OPTIONS (description = 'Trait order'),
    merged_to            OPTIONS (description = 'The profile that this one was merged into; NULL for a canonical one')
)
OPTIONS (description = 'One row for every profile id: the last value of each trait. Built by idgraph.', labels = [('built_by', 'idgraph')])
AS
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.email,
        t.plan,
        t.lifetime_value,
        t.is_vip,
        t.`order`,
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
        array_agg(r.email IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS email,
        array_agg(r.plan IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS plan,
        array_agg(r.lifetime_value IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS lifetime_value,
        array_agg(r.is_vip IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS is_vip,
        array_agg(r.`order` IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS `order`
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.plan,
    l.lifetime_value,
    l.is_vip,
    l.`order`,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;
