--% from 'macros/latest.sql' import latest
--% from 'macros/later.sql' import latest_last
WITH RECURSIVE
-- The latest entry of each profile. One without a canonical id names the profile itself.
entry AS (
    {{ latest(
        columns = [
            ['u.segment_id', 'segment_id'],
            [sql.joinable(x='coalesce(u.canonical_segment_id, u.segment_id)'), 'canonical_segment_id'],
            ['u.timestamp', 'timestamp'],
            ['u.seq', 'seq'],
            ['u.uuid_ts', 'uuid_ts'],
            ['u.id', 'id'],
        ],
        from  = landed.id_graph_updates,
        where = 'u.segment_id IS NOT NULL',
        each  = ['segment_id'],
        order = later.id_graph_updates,
    ) | trim | indent(4) }}
),
-- Profiles that were merged into another, and whether that one was merged in turn.
merged AS (
    SELECT
        e.segment_id,
        e.canonical_segment_id,
        e.timestamp,
        e.seq,
        e.uuid_ts,
        e.id,
        onward.segment_id IS NOT NULL AS goes_on
    FROM entry AS e
    LEFT JOIN entry AS onward
        ON  onward.segment_id = e.canonical_segment_id
        AND onward.canonical_segment_id <> onward.segment_id
    WHERE e.canonical_segment_id <> e.segment_id
),
-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step.
-- From there, take in what points to a profile already resolved: every profile is visited once.
chain{{ ' (segment_id, canonical_segment_id, timestamp)' if can.name_recursive_columns }} AS (
    SELECT
        m.segment_id,
        m.canonical_segment_id,
        m.timestamp
    FROM merged AS m
    WHERE NOT m.goes_on

    UNION ALL

    SELECT
        m.segment_id,
        c.canonical_segment_id,
        {{ sql.greatest(a='m.timestamp', b='c.timestamp') }}
    FROM chain AS c
    JOIN merged AS m
        ON  m.canonical_segment_id = c.segment_id
        AND m.goes_on
),
-- What is left runs into a cycle (merges that landed out of order): numbered from the oldest entry to the newest.
astray AS (
    SELECT
        m.segment_id,
        m.canonical_segment_id,
        m.timestamp,
        row_number() OVER (
            ORDER BY
                {{ latest_last('m', later.id_graph_updates) | trim | indent(16) }}
        ) AS age
    FROM merged AS m
    WHERE m.goes_on
      AND NOT EXISTS (SELECT 1 FROM chain AS c WHERE c.segment_id = m.segment_id)
),
--% include 'query/parts/walk.sql'
head AS (
    SELECT w.segment_id
    FROM walk AS w
    WHERE w.reached = w.segment_id
),
-- The newer merges win: the oldest of a cycle is canonical, and all that leads to the cycle leads to it.
around{{ ' (segment_id, canonical_segment_id, timestamp)' if can.name_recursive_columns }} AS (
    SELECT
        a.segment_id,
        a.canonical_segment_id,
        a.timestamp
    FROM astray AS a
    JOIN head AS h ON h.segment_id = a.canonical_segment_id

    UNION ALL

    SELECT
        a.segment_id,
        r.canonical_segment_id,
        {{ sql.greatest(a='a.timestamp', b='r.timestamp') }}
    FROM around AS r
    JOIN astray AS a
        ON  a.canonical_segment_id = r.segment_id
        AND r.segment_id <> r.canonical_segment_id
)
SELECT
    c.segment_id,
    c.canonical_segment_id,
    c.timestamp
FROM chain AS c

UNION ALL

SELECT
    r.segment_id,
    r.canonical_segment_id,
    r.timestamp
FROM around AS r
WHERE r.segment_id <> r.canonical_segment_id

UNION ALL

SELECT
    e.segment_id,
    e.segment_id,
    e.timestamp
FROM entry AS e
WHERE e.canonical_segment_id = e.segment_id
   OR e.segment_id IN (SELECT h.segment_id FROM head AS h)

UNION ALL

-- Profiles that only appear as the target of a merge.
SELECT
    u.canonical_segment_id,
    u.canonical_segment_id,
    min(u.timestamp)
FROM {{ landed.id_graph_updates }} AS u
WHERE u.segment_id IS NOT NULL
  AND u.canonical_segment_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM entry AS e WHERE e.segment_id = u.canonical_segment_id)
GROUP BY u.canonical_segment_id
