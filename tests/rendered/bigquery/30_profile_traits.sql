-- One row for every profile id: the last value of each trait.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Bytes: a run is billed for these columns of landed tables, in every partition:
--   acme.identifies:
--     timestamp, uuid_ts, id, segment_id, every trait
-- How many: `bq query --dry_run` says it of one query (at a file's first CREATE it stops); after a run,
-- total_bytes_billed in INFORMATION_SCHEMA.JOBS.

CREATE TABLE IF NOT EXISTS acme.profile_traits (
    canonical_segment_id STRING  OPTIONS (description = 'A profile id, merged away or not'),
    email                STRING  OPTIONS (description = 'Trait email'),
    plan                 STRING  OPTIONS (description = 'Current plan'),
    lifetime_value       FLOAT64 OPTIONS (description = 'Computed trait lifetimeValue'),
    is_vip               BOOL    OPTIONS (description = 'Member of the audience is_vip'),
    `order`              INT64   OPTIONS (description = 'Trait order'),
    merged_to            STRING  OPTIONS (description = 'The profile that this one was merged into; NULL for a canonical one')
)
CLUSTER BY canonical_segment_id
OPTIONS (description = 'One row for every profile id: the last value of each trait. Built by idgraph.', labels = [('built_by', 'idgraph')]);

-- What the project has gained since the table was made.
ALTER TABLE acme.profile_traits
    ADD COLUMN IF NOT EXISTS email                STRING  OPTIONS (description = 'Trait email'),
    ADD COLUMN IF NOT EXISTS plan                 STRING  OPTIONS (description = 'Current plan'),
    ADD COLUMN IF NOT EXISTS lifetime_value       FLOAT64 OPTIONS (description = 'Computed trait lifetimeValue'),
    ADD COLUMN IF NOT EXISTS is_vip               BOOL    OPTIONS (description = 'Member of the audience is_vip'),
    ADD COLUMN IF NOT EXISTS `order`              INT64   OPTIONS (description = 'Trait order');

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
MERGE INTO acme.profile_traits AS old
USING (
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
    FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
) AS built
ON FALSE
WHEN NOT MATCHED BY SOURCE THEN
    DELETE
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        email,
        plan,
        lifetime_value,
        is_vip,
        `order`,
        merged_to
    )
    VALUES (
        built.canonical_segment_id,
        built.email,
        built.plan,
        built.lifetime_value,
        built.is_vip,
        built.`order`,
        built.merged_to
    );
