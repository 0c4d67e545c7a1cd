-- One row for every profile id: the last value of each trait.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the account, the user or the client has set.
ALTER SESSION SET TIMEZONE = 'UTC';
ALTER SESSION SET TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM';
ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE;

-- A statement that fails ends its transaction: the statements after it fail too, and COMMIT keeps nothing.
ALTER SESSION SET TRANSACTION_ABORT_ON_ERROR = TRUE;

CREATE TABLE IF NOT EXISTS acme.profile_traits (
    canonical_segment_id varchar       COMMENT 'A profile id, merged away or not',
    email                varchar       COMMENT 'Trait email',
    plan                 varchar       COMMENT 'Current plan',
    lifetime_value       float         COMMENT 'Computed trait lifetimeValue',
    is_vip               boolean       COMMENT 'Member of the audience is_vip',
    "ORDER"              number(38, 0) COMMENT 'Trait order',
    merged_to            varchar       COMMENT 'The profile that this one was merged into; NULL for a canonical one'
)
CLUSTER BY (canonical_segment_id)
COMMENT = 'One row for every profile id: the last value of each trait. Built by idgraph.';

-- What the project has gained since the table was made.
ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS email                varchar       COMMENT 'Trait email';
ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS plan                 varchar       COMMENT 'Current plan';
ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS lifetime_value       float         COMMENT 'Computed trait lifetimeValue';
ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS is_vip               boolean       COMMENT 'Member of the audience is_vip';
ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS "ORDER"              number(38, 0) COMMENT 'Trait order';

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants,
-- policies and streams.
INSERT OVERWRITE INTO acme.profile_traits (
    canonical_segment_id,
    email,
    plan,
    lifetime_value,
    is_vip,
    "ORDER",
    merged_to
)
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.email,
        t.plan,
        t.lifetime_value,
        t.is_vip,
        t."ORDER",
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
        max_by(r.plan, CASE WHEN r.plan IS NOT NULL THEN r.recency END) AS plan,
        max_by(r.lifetime_value, CASE WHEN r.lifetime_value IS NOT NULL THEN r.recency END) AS lifetime_value,
        max_by(r.is_vip, CASE WHEN r.is_vip IS NOT NULL THEN r.recency END) AS is_vip,
        max_by(r."ORDER", CASE WHEN r."ORDER" IS NOT NULL THEN r.recency END) AS "ORDER"
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
    l."ORDER",
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;
