-- One row for every profile id ever seen: where it points now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the workspace or the user has set.
SET TIME ZONE 'UTC';

CREATE TABLE IF NOT EXISTS acme.id_graph (
    segment_id           string    COMMENT 'A profile id, merged away or not',
    canonical_segment_id string    COMMENT 'The profile after all merges',
    timestamp            timestamp COMMENT 'When it came to point there'
)
CLUSTER BY (segment_id, canonical_segment_id)
COMMENT 'One row for every profile id ever seen: where it points now. Built by idgraph.';

DROP TABLE IF EXISTS idgraph_work_id_graph_window;

CREATE TEMPORARY TABLE idgraph_work_id_graph_window AS
-- What to read: from a while before what was read last, for rows that landed late, to the newest.
WITH
-- How far the landed tables as they are have been read for the table as it is. What was made again since, or emptied, has not
-- been read at all.
found AS (
    SELECT
        w.landed,
        w.loaded_until
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'id_graph'
      AND (
        (
            w.landed = 'acme.id_graph_updates'
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph_updates AS landed))
        )
      )
      AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph AS kept))
),
-- Rows that came from elsewhere leave no trace in what is read now: then all is computed again.
noted AS (
    SELECT
        f.landed,
        f.loaded_until
    FROM found AS f
    WHERE (SELECT count(DISTINCT every.landed) FROM found AS every) = 1
)
SELECT
    coalesce(
        timestampadd(SECOND, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.id_graph_updates')),
        TIMESTAMP '0001-01-01 00:00:00'
    ) AS graph_since,
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u) AS graph_until,
    -- Next time from here on. A load time in the future must not hide what lands until then.
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u WHERE u.uuid_ts <= current_timestamp()) AS graph_read_to,
    (SELECT count(*) FROM noted) = 0 AS is_first;

DROP TABLE IF EXISTS idgraph_work_id_graph_affected;

CREATE TEMPORARY TABLE idgraph_work_id_graph_affected AS
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
                      (SELECT w.graph_since FROM idgraph_work_id_graph_window AS w)
                  AND (SELECT w.graph_until FROM idgraph_work_id_graph_window AS w)
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM idgraph_work_id_graph_window AS w)
                  AND (SELECT w.graph_until FROM idgraph_work_id_graph_window AS w)
              OR u.uuid_ts IS NULL
          )
    ) AS both_ends
),
-- And all that belong to the same profile as one of them: their way may lead through it.
together AS (
    SELECT
        n.segment_id,
        1 AS is_named
    FROM named AS n

    UNION ALL

    SELECT
        member.segment_id,
        0
    FROM acme.id_graph AS member
    WHERE member.canonical_segment_id IN (
        SELECT own.canonical_segment_id
        FROM named AS n
        JOIN acme.id_graph AS own ON own.segment_id = n.segment_id
    )

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
        kept.segment_id,
        0
    FROM acme.id_graph AS kept
    WHERE (SELECT w.is_first FROM idgraph_work_id_graph_window AS w)
)
SELECT
    t.segment_id,
    max(t.is_named) AS is_named
FROM together AS t
GROUP BY t.segment_id;

-- In steps, without recursion. First the latest entry of each profile. One without a canonical id names the profile itself.
DROP TABLE IF EXISTS idgraph_work_id_graph_entry;

CREATE TEMPORARY TABLE idgraph_work_id_graph_entry AS
SELECT
    u.segment_id,
    u.canonical_segment_id,
    u.timestamp,
    u.seq,
    u.uuid_ts,
    u.id
FROM acme.id_graph_updates AS u
WHERE u.segment_id IS NOT NULL
  AND EXISTS (SELECT 1 FROM idgraph_work_id_graph_affected AS a WHERE a.segment_id = u.segment_id)
QUALIFY row_number() OVER (
    PARTITION BY u.segment_id
    ORDER BY
        u.timestamp DESC NULLS LAST,
        u.seq DESC NULLS LAST,
        u.uuid_ts DESC NULLS LAST,
        u.id DESC NULLS LAST,
        u.canonical_segment_id DESC NULLS LAST
) = 1;

-- Profiles that were merged into another, and whether that one was merged in turn.
DROP TABLE IF EXISTS idgraph_work_id_graph_merged;

CREATE TEMPORARY TABLE idgraph_work_id_graph_merged AS
SELECT
    e.segment_id,
    e.canonical_segment_id,
    e.timestamp,
    e.seq,
    e.uuid_ts,
    e.id,
    onward.segment_id IS NOT NULL AS goes_on
FROM idgraph_work_id_graph_entry AS e
LEFT JOIN idgraph_work_id_graph_entry AS onward
    ON  onward.segment_id = e.canonical_segment_id
    AND onward.canonical_segment_id <> onward.segment_id
WHERE e.canonical_segment_id <> e.segment_id;

-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step. Those that
-- go on, numbered from the newest entry to the oldest.
DROP TABLE IF EXISTS idgraph_work_id_graph_leap_0;

CREATE TEMPORARY TABLE idgraph_work_id_graph_leap_0 AS
SELECT
    n.segment_id,
    n.canonical_segment_id,
    n.timestamp,
    n.age,
    n.age AS oldest
FROM (
    SELECT
        m.segment_id,
        m.canonical_segment_id,
        m.timestamp,
        row_number() OVER (
            ORDER BY
                m.timestamp DESC NULLS LAST,
                m.seq DESC NULLS LAST,
                m.uuid_ts DESC NULLS LAST,
                m.id DESC NULLS LAST,
                m.canonical_segment_id DESC NULLS LAST,
                m.segment_id DESC NULLS LAST
        ) AS age
    FROM idgraph_work_id_graph_merged AS m
    WHERE m.goes_on
) AS n;

-- In every round each looks 4 times as far and keeps the age of the oldest on its way, itself included:
-- after the last it sees 16,384 merges far.
DROP TABLE IF EXISTS idgraph_work_id_graph_leap_1;

CREATE TEMPORARY TABLE idgraph_work_id_graph_leap_1 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM idgraph_work_id_graph_leap_0 AS a
LEFT JOIN idgraph_work_id_graph_leap_0 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_0 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_0 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_leap_2;

CREATE TEMPORARY TABLE idgraph_work_id_graph_leap_2 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM idgraph_work_id_graph_leap_1 AS a
LEFT JOIN idgraph_work_id_graph_leap_1 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_1 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_1 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_leap_3;

CREATE TEMPORARY TABLE idgraph_work_id_graph_leap_3 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM idgraph_work_id_graph_leap_2 AS a
LEFT JOIN idgraph_work_id_graph_leap_2 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_2 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_2 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_leap_4;

CREATE TEMPORARY TABLE idgraph_work_id_graph_leap_4 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM idgraph_work_id_graph_leap_3 AS a
LEFT JOIN idgraph_work_id_graph_leap_3 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_3 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_3 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_leap_5;

CREATE TEMPORARY TABLE idgraph_work_id_graph_leap_5 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM idgraph_work_id_graph_leap_4 AS a
LEFT JOIN idgraph_work_id_graph_leap_4 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_4 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_4 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_leap_6;

CREATE TEMPORARY TABLE idgraph_work_id_graph_leap_6 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM idgraph_work_id_graph_leap_5 AS a
LEFT JOIN idgraph_work_id_graph_leap_5 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_5 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_5 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_leap;

CREATE TEMPORARY TABLE idgraph_work_id_graph_leap AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM idgraph_work_id_graph_leap_6 AS a
LEFT JOIN idgraph_work_id_graph_leap_6 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_6 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_leap_6 AS d ON d.segment_id = c.canonical_segment_id;

-- From there one step leads to the end.
DROP TABLE IF EXISTS idgraph_work_id_graph_chain;

CREATE TEMPORARY TABLE idgraph_work_id_graph_chain AS
SELECT
    m.segment_id,
    m.canonical_segment_id,
    m.timestamp
FROM idgraph_work_id_graph_merged AS m
WHERE NOT m.goes_on

UNION ALL

SELECT
    l.segment_id,
    m.canonical_segment_id,
    greatest(l.timestamp, m.timestamp)
FROM idgraph_work_id_graph_leap AS l
JOIN idgraph_work_id_graph_merged AS m
    ON  m.segment_id = l.canonical_segment_id
    AND NOT m.goes_on;

-- What has not ended runs into a cycle (merges that landed out of order).
DROP TABLE IF EXISTS idgraph_work_id_graph_astray;

CREATE TEMPORARY TABLE idgraph_work_id_graph_astray AS
SELECT
    l.segment_id,
    l.canonical_segment_id,
    l.age,
    l.oldest
FROM idgraph_work_id_graph_leap AS l
JOIN idgraph_work_id_graph_merged AS m
    ON  m.segment_id = l.canonical_segment_id
    AND m.goes_on;

-- The newer merges win: the oldest of a cycle is canonical. By now every way is in its cycle, and every member of a
-- cycle is reached.
DROP TABLE IF EXISTS idgraph_work_id_graph_head;

CREATE TEMPORARY TABLE idgraph_work_id_graph_head AS
SELECT a.segment_id
FROM idgraph_work_id_graph_astray AS a
WHERE a.age = a.oldest
  AND a.segment_id IN (SELECT r.canonical_segment_id FROM idgraph_work_id_graph_astray AS r);

-- All that leads to the cycle leads to it, in rounds as well. A head stays where it is.
DROP TABLE IF EXISTS idgraph_work_id_graph_way_0;

CREATE TEMPORARY TABLE idgraph_work_id_graph_way_0 AS
SELECT
    a.segment_id,
    CASE WHEN h.segment_id IS NULL THEN m.canonical_segment_id ELSE a.segment_id END AS canonical_segment_id,
    CASE WHEN h.segment_id IS NULL THEN m.timestamp END AS timestamp
FROM idgraph_work_id_graph_astray AS a
JOIN idgraph_work_id_graph_merged AS m ON m.segment_id = a.segment_id
LEFT JOIN idgraph_work_id_graph_head AS h ON h.segment_id = a.segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_way_1;

CREATE TEMPORARY TABLE idgraph_work_id_graph_way_1 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM idgraph_work_id_graph_way_0 AS a
LEFT JOIN idgraph_work_id_graph_way_0 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_0 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_0 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_way_2;

CREATE TEMPORARY TABLE idgraph_work_id_graph_way_2 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM idgraph_work_id_graph_way_1 AS a
LEFT JOIN idgraph_work_id_graph_way_1 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_1 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_1 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_way_3;

CREATE TEMPORARY TABLE idgraph_work_id_graph_way_3 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM idgraph_work_id_graph_way_2 AS a
LEFT JOIN idgraph_work_id_graph_way_2 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_2 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_2 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_way_4;

CREATE TEMPORARY TABLE idgraph_work_id_graph_way_4 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM idgraph_work_id_graph_way_3 AS a
LEFT JOIN idgraph_work_id_graph_way_3 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_3 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_3 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_way_5;

CREATE TEMPORARY TABLE idgraph_work_id_graph_way_5 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM idgraph_work_id_graph_way_4 AS a
LEFT JOIN idgraph_work_id_graph_way_4 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_4 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_4 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_way_6;

CREATE TEMPORARY TABLE idgraph_work_id_graph_way_6 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM idgraph_work_id_graph_way_5 AS a
LEFT JOIN idgraph_work_id_graph_way_5 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_5 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_5 AS d ON d.segment_id = c.canonical_segment_id;

DROP TABLE IF EXISTS idgraph_work_id_graph_way;

CREATE TEMPORARY TABLE idgraph_work_id_graph_way AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM idgraph_work_id_graph_way_6 AS a
LEFT JOIN idgraph_work_id_graph_way_6 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_6 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN idgraph_work_id_graph_way_6 AS d ON d.segment_id = c.canonical_segment_id;

-- What the affected rows are now; those that are no more, marked.
DROP TABLE IF EXISTS idgraph_work_id_graph_built;

CREATE TEMPORARY TABLE idgraph_work_id_graph_built AS
SELECT
    computed.segment_id,
    computed.canonical_segment_id,
    computed.timestamp,
    FALSE AS is_gone
FROM (
    SELECT
        c.segment_id,
        c.canonical_segment_id,
        c.timestamp
    FROM idgraph_work_id_graph_chain AS c

    UNION ALL

    SELECT
        r.segment_id,
        r.canonical_segment_id,
        r.timestamp
    FROM idgraph_work_id_graph_way AS r
    WHERE r.segment_id <> r.canonical_segment_id

    UNION ALL

    SELECT
        e.segment_id,
        e.segment_id,
        e.timestamp
    FROM idgraph_work_id_graph_entry AS e
    WHERE e.canonical_segment_id = e.segment_id
       OR e.canonical_segment_id IS NULL
       OR e.segment_id IN (SELECT h.segment_id FROM idgraph_work_id_graph_head AS h)

    UNION ALL

    -- Profiles that only appear as the target of a merge.
    SELECT
        u.canonical_segment_id,
        u.canonical_segment_id,
        min(u.timestamp)
    FROM acme.id_graph_updates AS u
    WHERE u.segment_id IS NOT NULL
      AND u.canonical_segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM idgraph_work_id_graph_affected AS a WHERE a.segment_id = u.canonical_segment_id)
      AND NOT EXISTS (SELECT 1 FROM idgraph_work_id_graph_entry AS e WHERE e.segment_id = u.canonical_segment_id)
    GROUP BY u.canonical_segment_id
) AS computed;

INSERT INTO idgraph_work_id_graph_built
SELECT
    old.segment_id,
    old.canonical_segment_id,
    old.timestamp,
    TRUE
FROM acme.id_graph AS old
WHERE EXISTS (
    SELECT 1
    FROM idgraph_work_id_graph_affected AS a
    WHERE a.segment_id = old.segment_id
)
  AND NOT EXISTS (
    SELECT 1
    FROM idgraph_work_id_graph_built AS built
    WHERE built.segment_id = old.segment_id
);

DROP TABLE IF EXISTS idgraph_work_id_graph_told;

CREATE TEMPORARY TABLE idgraph_work_id_graph_told AS
-- All that belong to the same profile as what landed since names (1), or as what that ever pointed to (0).
SELECT
    member.segment_id,
    profile.is_named
FROM idgraph_work_id_graph_built AS member
JOIN (
    SELECT
        own.canonical_segment_id,
        max(t.is_named) AS is_named
    FROM (
        SELECT
            n.segment_id,
            1 AS is_named
        FROM idgraph_work_id_graph_affected AS n
        WHERE n.is_named = 1

        UNION ALL

        SELECT
            u.canonical_segment_id,
            0
        FROM idgraph_work_id_graph_affected AS n
        JOIN acme.id_graph_updates AS u
            ON u.segment_id = n.segment_id
        WHERE n.is_named = 1
    ) AS t
    JOIN idgraph_work_id_graph_built AS own
        ON  own.segment_id = t.segment_id
        AND NOT own.is_gone
    GROUP BY own.canonical_segment_id
) AS profile
    ON profile.canonical_segment_id = member.canonical_segment_id
WHERE NOT member.is_gone;

-- Where the graph was made again, and where a profile is gone or moved without what landed since, as after an entry was changed
-- in place: all that read the graph begin anew.
DELETE FROM acme.idgraph_watermarks
WHERE (SELECT w.is_first FROM idgraph_work_id_graph_window AS w)
   OR EXISTS (
    SELECT 1
    FROM idgraph_work_id_graph_affected AS a
    JOIN acme.id_graph AS kept
        ON kept.segment_id = a.segment_id
    LEFT JOIN idgraph_work_id_graph_built AS built
        ON  built.segment_id = kept.segment_id
        AND NOT built.is_gone
    LEFT JOIN idgraph_work_id_graph_told AS mover
        ON mover.segment_id = kept.segment_id
    LEFT JOIN idgraph_work_id_graph_told AS origin
        ON origin.segment_id = kept.canonical_segment_id
    WHERE built.segment_id IS NULL
       OR (
           built.canonical_segment_id <> kept.canonical_segment_id
           AND (mover.is_named IS NULL OR mover.is_named = 0 OR origin.segment_id IS NULL)
       )
);

-- In one statement, over the table once. Only rows that differ are written.
MERGE INTO acme.id_graph AS old
USING idgraph_work_id_graph_built AS built
ON built.segment_id = old.segment_id
WHEN MATCHED AND built.is_gone THEN
    DELETE
WHEN MATCHED AND (
    old.canonical_segment_id IS DISTINCT FROM built.canonical_segment_id
    OR old.timestamp IS DISTINCT FROM built.timestamp
) THEN
    UPDATE SET
        canonical_segment_id = built.canonical_segment_id,
        timestamp = built.timestamp
WHEN NOT MATCHED THEN
    INSERT (
        segment_id,
        canonical_segment_id,
        timestamp
    )
    VALUES (
        built.segment_id,
        built.canonical_segment_id,
        built.timestamp
    );

DELETE FROM acme.idgraph_watermarks WHERE model = 'id_graph';

INSERT INTO acme.idgraph_watermarks (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
SELECT
    'id_graph',
    'acme.id_graph_updates',
    (SELECT w.graph_read_to FROM idgraph_work_id_graph_window AS w),
    CAST(NULL AS string),
    CAST(NULL AS string)
;
