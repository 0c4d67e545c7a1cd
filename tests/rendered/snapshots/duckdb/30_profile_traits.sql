-- One row for every profile id: the last value of each trait.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the machine has set.
SET TimeZone = 'UTC';

CREATE TABLE IF NOT EXISTS acme.profile_traits (
    canonical_segment_id varchar,
    email                varchar,
    plan                 varchar,
    lifetime_value       double,
    is_vip               boolean,
    "order"              bigint,
    merged_to            varchar
);

-- What was read for a column that is there no more says nothing of the one that takes its place.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed LIKE 'trait %'
  AND CASE landed
      WHEN 'trait customer_plan as plan' THEN 'plan'
      WHEN 'trait customer_tier as plan' THEN 'plan'
      WHEN 'trait group as order' THEN 'order'
      ELSE substr(landed, 7)
  END NOT IN (
    SELECT lower(c.column_name)
    FROM duckdb_columns() AS c
    WHERE c.schema_name = 'acme'
      AND c.table_name = 'profile_traits'
);

-- What the project has gained since the table was made.
ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS email                varchar;
ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS plan                 varchar;
ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS lifetime_value       double;
ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS is_vip               boolean;
ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS "order"              bigint;

COMMENT ON TABLE acme.profile_traits IS 'One row for every profile id: the last value of each trait. Built by idgraph.';
COMMENT ON COLUMN acme.profile_traits.canonical_segment_id IS 'A profile id, merged away or not';
COMMENT ON COLUMN acme.profile_traits.email                IS 'Trait email';
COMMENT ON COLUMN acme.profile_traits.plan                 IS 'Current plan';
COMMENT ON COLUMN acme.profile_traits.lifetime_value       IS 'Computed trait lifetimeValue';
COMMENT ON COLUMN acme.profile_traits.is_vip               IS 'Member of the audience is_vip';
COMMENT ON COLUMN acme.profile_traits."order"              IS 'Trait order';
COMMENT ON COLUMN acme.profile_traits.merged_to            IS 'The profile that this one was merged into; NULL for a canonical one';

BEGIN TRANSACTION;

CREATE OR REPLACE TEMPORARY TABLE profile_traits_window AS
-- What to read: from a while before what was read last, for rows that landed late, to the newest.
WITH
-- How far the landed tables as they are have been read for the table as it is. What was made again since, or emptied, has not
-- been read at all.
found AS (
    SELECT
        w.landed,
        w.loaded_until
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'profile_traits'
      AND (
        (
            w.landed = 'acme.id_graph_updates'
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph_updates AS landed))
        )
        OR (
            w.landed = 'acme.profile_traits_updates'
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.profile_traits_updates AS landed))
        )
      )
      AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.profile_traits AS kept))
),
-- Rows that came from elsewhere leave no trace in what is read now: then all is computed again.
noted AS (
    SELECT
        f.landed,
        f.loaded_until
    FROM found AS f
    WHERE (SELECT count(DISTINCT every.landed) FROM found AS every) = 2
)
SELECT
    coalesce(
        (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.id_graph_updates') - to_seconds(86400),
        CAST('-infinity' AS timestamp with time zone)
    ) AS graph_since,
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u) AS graph_until,
    -- No further than the graph itself, which may have been refreshed before the newest rows landed.
    (SELECT min(w.loaded_until) FROM acme.idgraph_watermarks AS w WHERE w.model = 'id_graph' AND w.landed = 'acme.id_graph_updates') AS graph_read_to,
    coalesce(
        (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.profile_traits_updates') - to_seconds(86400),
        CAST('-infinity' AS timestamp with time zone)
    ) AS own_since,
    (SELECT max(u.uuid_ts) FROM acme.profile_traits_updates AS u) AS own_until,
    -- Next time from here on. A load time in the future must not hide what lands until then.
    (SELECT max(u.uuid_ts) FROM acme.profile_traits_updates AS u WHERE u.uuid_ts <= now()) AS own_read_to,
    8 - (
        SELECT count(DISTINCT w.landed)
        FROM acme.idgraph_watermarks AS w
        WHERE w.model = 'profile_traits'
          AND w.landed IN ('trait email', 'trait plan', 'trait customer_plan as plan', 'trait customer_tier as plan', 'trait lifetime_value', 'trait is_vip', 'trait order', 'trait group as order')
    ) AS new_traits,
    (
        SELECT count(*)
        FROM acme.idgraph_watermarks AS w
        WHERE w.model = 'profile_traits'
          AND w.landed LIKE 'trait %'
          AND w.landed NOT IN ('trait email', 'trait plan', 'trait customer_plan as plan', 'trait customer_tier as plan', 'trait lifetime_value', 'trait is_vip', 'trait order', 'trait group as order')
    ) AS gone_traits,
    (SELECT count(*) FROM noted) = 0 AS is_first;

CREATE OR REPLACE TEMPORARY TABLE profile_traits_affected AS
WITH
-- Profiles named by graph entries that landed since, each once.
named AS (
    SELECT DISTINCT both_ends.segment_id
    FROM (
        SELECT u.segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM profile_traits_window AS w)
                  AND (SELECT w.graph_until FROM profile_traits_window AS w)
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM profile_traits_window AS w)
                  AND (SELECT w.graph_until FROM profile_traits_window AS w)
              OR u.uuid_ts IS NULL
          )
    ) AS both_ends
),
-- Traits that have been read for the table as it is.
known AS (
    SELECT w.landed
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'profile_traits'
),
touched AS (
    SELECT n.segment_id
    FROM named AS n

    UNION ALL

    -- What their entries ever pointed to: a profile that they left has other traits now.
    SELECT u.canonical_segment_id
    FROM acme.id_graph_updates AS u
    WHERE u.canonical_segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM named AS n WHERE n.segment_id = u.segment_id)

    UNION ALL

    SELECT u.segment_id
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.seq,
            landed.received_at,
            landed.uuid_ts,
            landed.timestamp,
            landed.email,
            coalesce(landed.plan, landed.customer_plan, landed.customer_tier) AS plan,
            landed.lifetime_value,
            landed.is_vip,
            coalesce(landed."order", landed."group") AS "order"
        FROM acme.profile_traits_updates AS landed
    ) AS u
    WHERE u.segment_id IS NOT NULL
      AND (
          u.uuid_ts BETWEEN
                  (SELECT w.own_since FROM profile_traits_window AS w)
              AND (SELECT w.own_until FROM profile_traits_window AS w)
          OR u.uuid_ts IS NULL
      )

    UNION ALL

    -- A trait that the project has gained comes with its history.
    SELECT u.segment_id
    FROM (
        -- As it landed, under the project's names and types.
        SELECT
            landed.id,
            landed.segment_id,
            landed.seq,
            landed.received_at,
            landed.uuid_ts,
            landed.timestamp,
            landed.email,
            coalesce(landed.plan, landed.customer_plan, landed.customer_tier) AS plan,
            landed.lifetime_value,
            landed.is_vip,
            coalesce(landed."order", landed."group") AS "order"
        FROM acme.profile_traits_updates AS landed
    ) AS u
    WHERE u.segment_id IS NOT NULL
      AND u.uuid_ts BETWEEN
              CAST('-infinity' AS timestamp with time zone)
          AND (SELECT w.own_until FROM profile_traits_window AS w WHERE w.new_traits > 0)
      AND (
          (u.email IS NOT NULL AND 'trait email' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.plan IS NOT NULL AND 'trait plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.plan IS NOT NULL AND 'trait customer_plan as plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.plan IS NOT NULL AND 'trait customer_tier as plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.lifetime_value IS NOT NULL AND 'trait lifetime_value' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.is_vip IS NOT NULL AND 'trait is_vip' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u."order" IS NOT NULL AND 'trait order' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u."order" IS NOT NULL AND 'trait group as order' NOT IN (SELECT k.landed FROM known AS k))
      )
),
-- Most were touched in several ways.
changed AS (
    SELECT DISTINCT t.segment_id
    FROM touched AS t
),
together AS (
    SELECT c.segment_id
    FROM changed AS c

    UNION ALL

    SELECT member.segment_id
    FROM acme.id_graph AS member
    WHERE member.canonical_segment_id IN (
        SELECT own.canonical_segment_id
        FROM changed AS t
        JOIN acme.id_graph AS own ON own.segment_id = t.segment_id
    )

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
        kept.canonical_segment_id
    FROM acme.profile_traits AS kept
    WHERE (SELECT w.is_first FROM profile_traits_window AS w)
)
SELECT DISTINCT
    t.segment_id
FROM together AS t;

-- What the affected rows are now; those that are no more, marked.
CREATE OR REPLACE TEMPORARY TABLE profile_traits_built AS
SELECT
    computed.canonical_segment_id,
    computed.email,
    computed.plan,
    computed.lifetime_value,
    computed.is_vip,
    computed."order",
    computed.merged_to,
    FALSE AS is_gone
FROM (
    WITH
    -- A landed row is a snapshot: of each segment the latest.
    of_segment AS (
        SELECT
            t.segment_id,
            t.email,
            t.plan,
            t.lifetime_value,
            t.is_vip,
            t."order",
            t.timestamp,
            t.seq,
            t.uuid_ts,
            t.id,
            row_number() OVER (
                PARTITION BY t.segment_id
                ORDER BY
                    t.timestamp DESC NULLS LAST,
                    t.seq DESC NULLS LAST,
                    t.uuid_ts DESC NULLS LAST,
                    t.id DESC NULLS LAST,
                    t.segment_id DESC NULLS LAST
            ) AS recency
        FROM (
            -- As it landed, under the project's names and types.
            SELECT
                landed.id,
                landed.segment_id,
                landed.seq,
                landed.received_at,
                landed.uuid_ts,
                landed.timestamp,
                landed.email,
                coalesce(landed.plan, landed.customer_plan, landed.customer_tier) AS plan,
                landed.lifetime_value,
                landed.is_vip,
                coalesce(landed."order", landed."group") AS "order"
            FROM acme.profile_traits_updates AS landed
        ) AS t
        WHERE t.segment_id IS NOT NULL
          AND EXISTS (SELECT 1 FROM profile_traits_affected AS a WHERE a.segment_id = t.segment_id)
    ),
    -- Under the profile that they belong to now, numbered from its oldest to its latest.
    numbered AS (
        SELECT
            coalesce(g.canonical_segment_id, s.segment_id) AS canonical_segment_id,
            s.email,
            s.plan,
            s.lifetime_value,
            s.is_vip,
            s."order",
            row_number() OVER (
                PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
                ORDER BY
                    s.timestamp ASC NULLS FIRST,
                    s.seq ASC NULLS FIRST,
                    s.uuid_ts ASC NULLS FIRST,
                    s.id ASC NULLS FIRST,
                    s.segment_id ASC NULLS FIRST
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
            n.plan,
            n.lifetime_value,
            n.is_vip,
            n."order",
            n.recency
        FROM numbered AS n
        LEFT JOIN (
            SELECT
                g.canonical_segment_id,
                max(g.timestamp) AS merged_at
            FROM acme.id_graph AS g
            WHERE g.segment_id <> g.canonical_segment_id
              AND EXISTS (SELECT 1 FROM profile_traits_affected AS a WHERE a.segment_id = g.segment_id)
            GROUP BY g.canonical_segment_id
        ) AS m ON m.canonical_segment_id = n.canonical_segment_id
        WHERE n.recency = n.snapshots
           OR m.merged_at > n.taken_at
           OR (n.taken_at IS NULL AND m.merged_at IS NOT NULL)
    ),
    -- One pass for all traits: the latest value of each, NULL aside.
    latest AS (
        SELECT
            r.canonical_segment_id,
            arg_max(r.email, r.recency) FILTER (WHERE r.email IS NOT NULL) AS email,
            arg_max(r.plan, r.recency) FILTER (WHERE r.plan IS NOT NULL) AS plan,
            arg_max(r.lifetime_value, r.recency) FILTER (WHERE r.lifetime_value IS NOT NULL) AS lifetime_value,
            arg_max(r.is_vip, r.recency) FILTER (WHERE r.is_vip IS NOT NULL) AS is_vip,
            arg_max(r."order", r.recency) FILTER (WHERE r."order" IS NOT NULL) AS "order"
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
        l."order",
        nullif(g.canonical_segment_id, g.segment_id) AS merged_to
    FROM (
        SELECT g.*
        FROM acme.id_graph AS g
        WHERE EXISTS (SELECT 1 FROM profile_traits_affected AS a WHERE a.segment_id = g.segment_id)
    ) AS g
    FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
) AS computed;

INSERT INTO profile_traits_built
SELECT
    old.canonical_segment_id,
    old.email,
    old.plan,
    old.lifetime_value,
    old.is_vip,
    old."order",
    old.merged_to,
    TRUE
FROM acme.profile_traits AS old
WHERE EXISTS (
    SELECT 1
    FROM profile_traits_affected AS a
    WHERE a.segment_id = old.canonical_segment_id
)
  AND NOT EXISTS (
    SELECT 1
    FROM profile_traits_built AS built
    WHERE built.canonical_segment_id = old.canonical_segment_id
);

-- In one statement, over the table once. Only rows that differ are written.
MERGE INTO acme.profile_traits AS old
USING profile_traits_built AS built
ON built.canonical_segment_id = old.canonical_segment_id
WHEN MATCHED AND built.is_gone THEN
    DELETE
WHEN MATCHED AND (
    old.email IS DISTINCT FROM built.email
    OR old.plan IS DISTINCT FROM built.plan
    OR old.lifetime_value IS DISTINCT FROM built.lifetime_value
    OR old.is_vip IS DISTINCT FROM built.is_vip
    OR old."order" IS DISTINCT FROM built."order"
    OR old.merged_to IS DISTINCT FROM built.merged_to
) THEN
    UPDATE SET
        email = built.email,
        plan = built.plan,
        lifetime_value = built.lifetime_value,
        is_vip = built.is_vip,
        "order" = built."order",
        merged_to = built.merged_to
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        email,
        plan,
        lifetime_value,
        is_vip,
        "order",
        merged_to
    )
    VALUES (
        built.canonical_segment_id,
        built.email,
        built.plan,
        built.lifetime_value,
        built.is_vip,
        built."order",
        built.merged_to
    );

DELETE FROM acme.idgraph_watermarks WHERE model = 'profile_traits';

INSERT INTO acme.idgraph_watermarks (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
SELECT
    'profile_traits',
    'acme.id_graph_updates',
    (SELECT w.graph_read_to FROM profile_traits_window AS w),
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'profile_traits',
    'acme.profile_traits_updates',
    (SELECT w.own_read_to FROM profile_traits_window AS w),
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'profile_traits',
    'trait email',
    NULL,
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'profile_traits',
    'trait plan',
    NULL,
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'profile_traits',
    'trait customer_plan as plan',
    NULL,
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'profile_traits',
    'trait customer_tier as plan',
    NULL,
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'profile_traits',
    'trait lifetime_value',
    NULL,
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'profile_traits',
    'trait is_vip',
    NULL,
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'profile_traits',
    'trait order',
    NULL,
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'profile_traits',
    'trait group as order',
    NULL,
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)
;

COMMIT;
