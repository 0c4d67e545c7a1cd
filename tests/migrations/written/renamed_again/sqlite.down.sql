-- 0002 renamed again
--
--   The way back.
--
-- Written by `idgraph migrate new` for SQLite.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- The trait address is called mail now.
-- idgraph: destructive acme.profile_traits.address
ALTER TABLE acme.profile_traits RENAME COLUMN address TO mail;

-- Values of mail from all landed rows; no other column is touched.
-- idgraph: needs acme.profile_traits_updates.mail varchar
-- idgraph: needs acme.profile_traits_updates.email varchar
-- idgraph: destructive acme.profile_traits.mail
UPDATE acme.profile_traits
SET
    mail = new.mail
FROM (
    WITH
    -- A landed row is a snapshot: of each segment the latest.
    of_segment AS (
        SELECT
            t.segment_id,
            t.mail,
            t.timestamp,
            t.seq,
            t.uuid_ts,
            t.id,
            row_number() OVER (
                PARTITION BY t.segment_id
                ORDER BY
                    t.timestamp DESC,
                    t.seq DESC,
                    t.uuid_ts DESC,
                    t.id DESC,
                    t.segment_id DESC
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
                coalesce(landed.mail, landed.email) AS mail
            FROM acme.profile_traits_updates AS landed
        ) AS t
        WHERE t.segment_id IS NOT NULL
    ),
    -- Under the profile that they belong to now, numbered from its oldest to its latest.
    numbered AS (
        SELECT
            CAST(coalesce(g.canonical_segment_id, s.segment_id) AS text) AS canonical_segment_id,
            s.mail,
            row_number() OVER (
                PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
                ORDER BY
                    s.timestamp,
                    s.seq,
                    s.uuid_ts,
                    s.id,
                    s.segment_id
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
            n.mail,
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
            max(CASE WHEN r.mail IS NOT NULL THEN r.recency END) AS mail
        FROM resolved AS r
        GROUP BY r.canonical_segment_id
    ),
    -- Its value: each aggregate is over one row.
    latest AS (
        SELECT
            r.canonical_segment_id,
            max(CASE WHEN r.recency = d.mail THEN r.mail END) AS mail
        FROM resolved AS r
        JOIN decisive AS d ON d.canonical_segment_id = r.canonical_segment_id
        GROUP BY r.canonical_segment_id
    )
    -- Every profile of the graph has a row, and so has one with traits that is not in the graph yet. Not a FULL JOIN,
    -- which SQLite does without an index: each row of one side with every row of the other.
    SELECT
        g.segment_id AS canonical_segment_id,
        l.mail,
        nullif(g.canonical_segment_id, g.segment_id) AS merged_to
    FROM acme.id_graph AS g
    LEFT JOIN latest AS l ON l.canonical_segment_id = g.segment_id

    UNION ALL

    SELECT
        l.canonical_segment_id,
        l.mail,
        NULL
    FROM latest AS l
    WHERE NOT EXISTS (SELECT 1 FROM acme.id_graph AS g WHERE g.segment_id = l.canonical_segment_id)
) AS new
WHERE new.canonical_segment_id = profile_traits.canonical_segment_id
  AND (
      new.mail IS NOT NULL
      OR profile_traits.mail IS NOT NULL
  );

-- profile_traits no longer reads them.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed IN ('trait address', 'trait mail as address', 'trait email as address');

-- profile_traits has read them: the next refresh goes on from there.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed IN ('trait mail', 'trait email as mail');

INSERT INTO acme.idgraph_watermarks (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
SELECT
    'profile_traits',
    'trait mail',
    CAST(NULL AS text),
    coalesce((
        SELECT CAST(c.cid AS text)
        FROM pragma_table_info('profile_traits', 'acme') AS c
        WHERE c.name = 'mail'
    ), ''),
    coalesce((
        SELECT CAST(c.cid AS text)
        FROM pragma_table_info('profile_traits_updates', 'acme') AS c
        WHERE c.name = 'mail'
    ), '')

UNION ALL

SELECT
    'profile_traits',
    'trait email as mail',
    CAST(NULL AS text),
    coalesce((
        SELECT CAST(c.cid AS text)
        FROM pragma_table_info('profile_traits', 'acme') AS c
        WHERE c.name = 'mail'
    ), ''),
    coalesce((
        SELECT CAST(c.cid AS text)
        FROM pragma_table_info('profile_traits_updates', 'acme') AS c
        WHERE c.name = 'email'
    ), '');

-- long_traits has rows of address no longer.
-- idgraph: destructive acme.long_traits
DELETE FROM acme.long_traits
WHERE name IN ('address');

-- Rows of mail from all landed rows.
-- idgraph: needs acme.profile_traits_updates.mail varchar
-- idgraph: needs acme.profile_traits_updates.email varchar
INSERT INTO acme.long_traits (
    canonical_segment_id,
    name,
    value,
    seq,
    received_at,
    uuid_ts,
    timestamp
)
WITH
-- A landed row is a snapshot: of each segment the latest.
of_segment AS (
    SELECT
        t.segment_id,
        t.mail,
        t.seq,
        t.received_at,
        t.uuid_ts,
        t.timestamp,
        t.id,
        row_number() OVER (
            PARTITION BY t.segment_id
            ORDER BY
                t.timestamp DESC,
                t.seq DESC,
                t.uuid_ts DESC,
                t.id DESC,
                t.segment_id DESC
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
            coalesce(landed.mail, landed.email) AS mail
        FROM acme.profile_traits_updates AS landed
    ) AS t
    WHERE t.segment_id IS NOT NULL
),
-- Under the profile that they belong to now, numbered from its oldest to its latest.
numbered AS (
    SELECT
        CAST(coalesce(g.canonical_segment_id, s.segment_id) AS text) AS canonical_segment_id,
        s.mail,
        s.seq,
        s.received_at,
        s.uuid_ts,
        s.timestamp,
        row_number() OVER (
            PARTITION BY coalesce(g.canonical_segment_id, s.segment_id)
            ORDER BY
                s.timestamp,
                s.seq,
                s.uuid_ts,
                s.id,
                s.segment_id
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
        n.mail,
        n.seq,
        n.received_at,
        n.uuid_ts,
        n.timestamp,
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
trait AS (
    SELECT 'mail' AS name
),
-- In long form: a row for each trait, set or not. Of several the latest comes first.
long AS (
    SELECT
        n.canonical_segment_id,
        k.name,
        CASE
            WHEN k.name = 'mail' THEN CAST(n.mail AS text)
        END AS value,
        n.seq,
        n.received_at,
        n.uuid_ts,
        n.timestamp,
        n.recency
    FROM resolved AS n
    CROSS JOIN trait AS k
),
ranked AS (
    SELECT
        l.canonical_segment_id,
        l.name,
        l.value,
        l.seq,
        l.received_at,
        l.uuid_ts,
        l.timestamp,
        row_number() OVER (PARTITION BY l.canonical_segment_id, l.name ORDER BY l.recency DESC) AS nth_latest
    FROM long AS l
    WHERE l.value IS NOT NULL
)
SELECT
    r.canonical_segment_id,
    r.name,
    r.value,
    r.seq,
    r.received_at,
    r.uuid_ts,
    r.timestamp
FROM ranked AS r
WHERE r.nth_latest = 1;

-- long_traits no longer reads them.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'long_traits'
  AND landed IN ('trait address', 'trait mail as address', 'trait email as address');

-- long_traits has read them: the next refresh goes on from there.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'long_traits'
  AND landed IN ('trait mail', 'trait email as mail');

INSERT INTO acme.idgraph_watermarks (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
SELECT
    'long_traits',
    'trait mail',
    CAST(NULL AS text),
    CAST(NULL AS text),
    coalesce((
        SELECT CAST(c.cid AS text)
        FROM pragma_table_info('profile_traits_updates', 'acme') AS c
        WHERE c.name = 'mail'
    ), '')

UNION ALL

SELECT
    'long_traits',
    'trait email as mail',
    CAST(NULL AS text),
    CAST(NULL AS text),
    coalesce((
        SELECT CAST(c.cid AS text)
        FROM pragma_table_info('profile_traits_updates', 'acme') AS c
        WHERE c.name = 'email'
    ), '');
