-- One row for every profile id: the last value of each trait.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the workspace or the user has set.
SET TIME ZONE 'UTC';

CREATE TABLE IF NOT EXISTS acme.profile_traits (
    canonical_segment_id string  COMMENT 'A profile id, merged away or not',
    email                string  COMMENT 'Trait email',
    plan                 string  COMMENT 'Current plan',
    lifetime_value       double  COMMENT 'Computed trait lifetimeValue',
    is_vip               boolean COMMENT 'Member of the audience is_vip',
    `order`              bigint  COMMENT 'Trait order',
    merged_to            string  COMMENT 'The profile that this one was merged into; NULL for a canonical one'
)
CLUSTER BY (canonical_segment_id)
COMMENT 'One row for every profile id: the last value of each trait. Built by idgraph.';

-- What the project has gained since the table was made. There is no ADD COLUMN IF NOT EXISTS, so an empty row of the table says
-- which columns it has: information_schema can lag behind.
BEGIN
    DECLARE had ARRAY<STRING>;
    DECLARE gained STRING;
    SET had = (
        SELECT json_object_keys(lower(to_json(struct(t.*), map('ignoreNullFields', 'false'))))
        FROM (SELECT 1) AS no_rows
        LEFT JOIN acme.profile_traits AS t ON false
    );
    SET gained = (
        SELECT array_join(array_sort(collect_list(wanted.definition)), ', ')
        FROM (
            VALUES
                ('email',                'email string COMMENT \'Trait email\''),
                ('plan',                 'plan string COMMENT \'Current plan\''),
                ('lifetime_value',       'lifetime_value double COMMENT \'Computed trait lifetimeValue\''),
                ('is_vip',               'is_vip boolean COMMENT \'Member of the audience is_vip\''),
                ('order',                '`order` bigint COMMENT \'Trait order\'')
        ) AS wanted (name, definition)
        WHERE NOT array_contains(had, wanted.name)
    );
    IF gained <> '' THEN
        EXECUTE IMMEDIATE 'ALTER TABLE acme.profile_traits ADD COLUMNS (' || gained || ')';
    END IF;
END;

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
INSERT OVERWRITE TABLE acme.profile_traits (
    canonical_segment_id,
    email,
    plan,
    lifetime_value,
    is_vip,
    `order`,
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
        t.`order`,
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
        max_by(r.plan, r.recency) FILTER (WHERE r.plan IS NOT NULL) AS plan,
        max_by(r.lifetime_value, r.recency) FILTER (WHERE r.lifetime_value IS NOT NULL) AS lifetime_value,
        max_by(r.is_vip, r.recency) FILTER (WHERE r.is_vip IS NOT NULL) AS is_vip,
        max_by(r.`order`, r.recency) FILTER (WHERE r.`order` IS NOT NULL) AS `order`
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
