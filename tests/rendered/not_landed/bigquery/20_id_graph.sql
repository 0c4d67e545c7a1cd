-- One row for every profile id ever seen: where it points now.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Bytes: a refresh is billed for these columns of landed tables in every partition, since a profile's rows may be in any:
--   acme.id_graph_updates:
--     segment_id, canonical_segment_id, timestamp, seq, uuid_ts, id
-- and in the partitions since the last refresh, less the lookback, once more for these:
--   acme.id_graph_updates:
--     segment_id, canonical_segment_id, uuid_ts
-- How many: `bq query --dry_run` says it of one query (at a file's first CREATE it stops); after a run,
-- total_bytes_billed in INFORMATION_SCHEMA.JOBS.

CREATE TABLE IF NOT EXISTS acme.id_graph (
    segment_id           STRING    OPTIONS (description = 'A profile id, merged away or not'),
    canonical_segment_id STRING    OPTIONS (description = 'The profile after all merges'),
    timestamp            TIMESTAMP OPTIONS (description = 'When it came to point there')
)
CLUSTER BY segment_id
OPTIONS (description = 'One row for every profile id ever seen: where it points now. Built by idgraph.', labels = [('built_by', 'idgraph')]);

BEGIN
-- What to read: from a while before what was read last, for rows that landed late, to the newest. In variables, since a
-- comparison with those leaves out partitions, one with a subquery reads all.
-- A table without rows has not been read: it was made again, or emptied.
DECLARE window_has_rows BOOL DEFAULT EXISTS (SELECT 1 FROM acme.id_graph AS kept);
-- Rows that came from elsewhere leave no trace in what is read now: then all is computed again.
DECLARE window_is_first BOOL DEFAULT 1 > (
    SELECT count(DISTINCT w.landed)
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'id_graph'
      AND (
        (w.landed = 'acme.id_graph_updates' AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph_updates AS landed)))
      )
      AND (w.loaded_until IS NULL OR window_has_rows)
);
DECLARE window_graph_watermark TIMESTAMP DEFAULT (
    SELECT min(w.loaded_until)
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'id_graph'
      AND w.landed = 'acme.id_graph_updates'
      AND NOT window_is_first
);
DECLARE window_graph_since TIMESTAMP DEFAULT coalesce(
    timestamp_sub(window_graph_watermark, INTERVAL 86400 SECOND),
    TIMESTAMP '0001-01-01'
);
DECLARE window_graph_until TIMESTAMP DEFAULT coalesce(
    (
        SELECT max(u.uuid_ts)
        FROM acme.id_graph_updates AS u
        WHERE u.uuid_ts >= window_graph_since
    ),
    window_graph_watermark
);
-- How far this refresh reads. A load time in the future must not hide what lands until then.
DECLARE window_graph_read_to TIMESTAMP DEFAULT coalesce(
    (
        SELECT max(u.uuid_ts)
        FROM acme.id_graph_updates AS u
        WHERE u.uuid_ts BETWEEN window_graph_since AND window_graph_until
          AND u.uuid_ts <= current_timestamp()
    ),
    window_graph_watermark
);

CREATE OR REPLACE TEMPORARY TABLE id_graph_affected AS
WITH
-- Profiles named by graph entries that landed since, each once.
named AS (
    SELECT DISTINCT both_ends.segment_id
    FROM (
        SELECT u.segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN window_graph_since AND window_graph_until
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN window_graph_since AND window_graph_until
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
    WHERE window_is_first
)
SELECT
    t.segment_id,
    max(t.is_named) AS is_named
FROM together AS t
GROUP BY t.segment_id;

-- In steps, without recursion. First the latest entry of each profile. One without a canonical id names the profile itself.
CREATE OR REPLACE TEMPORARY TABLE id_graph_entry AS
SELECT
    u.segment_id,
    u.canonical_segment_id,
    u.timestamp,
    u.seq,
    u.uuid_ts,
    u.id
FROM acme.id_graph_updates AS u
WHERE u.segment_id IS NOT NULL
  AND EXISTS (SELECT 1 FROM id_graph_affected AS a WHERE a.segment_id = u.segment_id)
QUALIFY row_number() OVER (
    PARTITION BY u.segment_id
    ORDER BY
        u.timestamp DESC,
        u.seq DESC,
        u.uuid_ts DESC,
        u.id DESC,
        u.canonical_segment_id DESC
) = 1;

-- Profiles that were merged into another, and whether that one was merged in turn.
CREATE OR REPLACE TEMPORARY TABLE id_graph_merged AS
SELECT
    e.segment_id,
    e.canonical_segment_id,
    e.timestamp,
    e.seq,
    e.uuid_ts,
    e.id,
    onward.segment_id IS NOT NULL AS goes_on
FROM id_graph_entry AS e
LEFT JOIN id_graph_entry AS onward
    ON  onward.segment_id = e.canonical_segment_id
    AND onward.canonical_segment_id <> onward.segment_id
WHERE e.canonical_segment_id <> e.segment_id;

-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step. Those that
-- go on, numbered from the newest entry to the oldest.
CREATE OR REPLACE TEMPORARY TABLE id_graph_leap_0 AS
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
                m.timestamp DESC,
                m.seq DESC,
                m.uuid_ts DESC,
                m.id DESC,
                m.canonical_segment_id DESC,
                m.segment_id DESC
        ) AS age
    FROM id_graph_merged AS m
    WHERE m.goes_on
) AS n;

-- In every round each looks 4 times as far and keeps the age of the oldest on its way, itself included:
-- after the last it sees 16,384 merges far.
CREATE OR REPLACE TEMPORARY TABLE id_graph_leap_1 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp,
    a.age,
    (SELECT max(one) FROM UNNEST([a.oldest, b.oldest, c.oldest, d.oldest]) AS one) AS oldest
FROM id_graph_leap_0 AS a
LEFT JOIN id_graph_leap_0 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_leap_0 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_leap_0 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_leap_2 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp,
    a.age,
    (SELECT max(one) FROM UNNEST([a.oldest, b.oldest, c.oldest, d.oldest]) AS one) AS oldest
FROM id_graph_leap_1 AS a
LEFT JOIN id_graph_leap_1 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_leap_1 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_leap_1 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_leap_3 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp,
    a.age,
    (SELECT max(one) FROM UNNEST([a.oldest, b.oldest, c.oldest, d.oldest]) AS one) AS oldest
FROM id_graph_leap_2 AS a
LEFT JOIN id_graph_leap_2 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_leap_2 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_leap_2 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_leap_4 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp,
    a.age,
    (SELECT max(one) FROM UNNEST([a.oldest, b.oldest, c.oldest, d.oldest]) AS one) AS oldest
FROM id_graph_leap_3 AS a
LEFT JOIN id_graph_leap_3 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_leap_3 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_leap_3 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_leap_5 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp,
    a.age,
    (SELECT max(one) FROM UNNEST([a.oldest, b.oldest, c.oldest, d.oldest]) AS one) AS oldest
FROM id_graph_leap_4 AS a
LEFT JOIN id_graph_leap_4 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_leap_4 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_leap_4 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_leap_6 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp,
    a.age,
    (SELECT max(one) FROM UNNEST([a.oldest, b.oldest, c.oldest, d.oldest]) AS one) AS oldest
FROM id_graph_leap_5 AS a
LEFT JOIN id_graph_leap_5 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_leap_5 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_leap_5 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_leap AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp,
    a.age,
    (SELECT max(one) FROM UNNEST([a.oldest, b.oldest, c.oldest, d.oldest]) AS one) AS oldest
FROM id_graph_leap_6 AS a
LEFT JOIN id_graph_leap_6 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_leap_6 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_leap_6 AS d ON d.segment_id = c.canonical_segment_id;

-- From there one step leads to the end.
CREATE OR REPLACE TEMPORARY TABLE id_graph_chain AS
SELECT
    m.segment_id,
    m.canonical_segment_id,
    m.timestamp
FROM id_graph_merged AS m
WHERE NOT m.goes_on

UNION ALL

SELECT
    l.segment_id,
    m.canonical_segment_id,
    (SELECT max(one) FROM UNNEST([l.timestamp, m.timestamp]) AS one)
FROM id_graph_leap AS l
JOIN id_graph_merged AS m
    ON  m.segment_id = l.canonical_segment_id
    AND NOT m.goes_on;

-- What has not ended runs into a cycle (merges that landed out of order).
CREATE OR REPLACE TEMPORARY TABLE id_graph_astray AS
SELECT
    l.segment_id,
    l.canonical_segment_id,
    l.age,
    l.oldest
FROM id_graph_leap AS l
JOIN id_graph_merged AS m
    ON  m.segment_id = l.canonical_segment_id
    AND m.goes_on;

-- The newer merges win: the oldest of a cycle is canonical. By now every way is in its cycle, and every member of a
-- cycle is reached.
CREATE OR REPLACE TEMPORARY TABLE id_graph_head AS
SELECT a.segment_id
FROM id_graph_astray AS a
WHERE a.age = a.oldest
  AND a.segment_id IN (SELECT r.canonical_segment_id FROM id_graph_astray AS r);

-- All that leads to the cycle leads to it, in rounds as well. A head stays where it is.
CREATE OR REPLACE TEMPORARY TABLE id_graph_way_0 AS
SELECT
    a.segment_id,
    CASE WHEN h.segment_id IS NULL THEN m.canonical_segment_id ELSE a.segment_id END AS canonical_segment_id,
    CASE WHEN h.segment_id IS NULL THEN m.timestamp END AS timestamp
FROM id_graph_astray AS a
JOIN id_graph_merged AS m ON m.segment_id = a.segment_id
LEFT JOIN id_graph_head AS h ON h.segment_id = a.segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_way_1 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp
FROM id_graph_way_0 AS a
LEFT JOIN id_graph_way_0 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_way_0 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_way_0 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_way_2 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp
FROM id_graph_way_1 AS a
LEFT JOIN id_graph_way_1 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_way_1 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_way_1 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_way_3 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp
FROM id_graph_way_2 AS a
LEFT JOIN id_graph_way_2 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_way_2 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_way_2 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_way_4 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp
FROM id_graph_way_3 AS a
LEFT JOIN id_graph_way_3 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_way_3 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_way_3 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_way_5 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp
FROM id_graph_way_4 AS a
LEFT JOIN id_graph_way_4 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_way_4 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_way_4 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_way_6 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp
FROM id_graph_way_5 AS a
LEFT JOIN id_graph_way_5 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_way_5 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_way_5 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE id_graph_way AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    (SELECT max(one) FROM UNNEST([a.timestamp, b.timestamp, c.timestamp, d.timestamp]) AS one) AS timestamp
FROM id_graph_way_6 AS a
LEFT JOIN id_graph_way_6 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN id_graph_way_6 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN id_graph_way_6 AS d ON d.segment_id = c.canonical_segment_id;

-- What the affected rows are now; those that are no more, marked.
CREATE OR REPLACE TEMPORARY TABLE id_graph_built AS
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
    FROM id_graph_chain AS c

    UNION ALL

    SELECT
        r.segment_id,
        r.canonical_segment_id,
        r.timestamp
    FROM id_graph_way AS r
    WHERE r.segment_id <> r.canonical_segment_id

    UNION ALL

    SELECT
        e.segment_id,
        e.segment_id,
        e.timestamp
    FROM id_graph_entry AS e
    WHERE e.canonical_segment_id = e.segment_id
       OR e.canonical_segment_id IS NULL
       OR e.segment_id IN (SELECT h.segment_id FROM id_graph_head AS h)

    UNION ALL

    -- Profiles that only appear as the target of a merge.
    SELECT
        u.canonical_segment_id,
        u.canonical_segment_id,
        min(u.timestamp)
    FROM acme.id_graph_updates AS u
    WHERE u.segment_id IS NOT NULL
      AND u.canonical_segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM id_graph_affected AS a WHERE a.segment_id = u.canonical_segment_id)
      AND NOT EXISTS (SELECT 1 FROM id_graph_entry AS e WHERE e.segment_id = u.canonical_segment_id)
    GROUP BY u.canonical_segment_id
) AS computed;

INSERT INTO id_graph_built
SELECT
    old.segment_id,
    old.canonical_segment_id,
    old.timestamp,
    TRUE
FROM acme.id_graph AS old
WHERE EXISTS (
    SELECT 1
    FROM id_graph_affected AS a
    WHERE a.segment_id = old.segment_id
)
  AND NOT EXISTS (
    SELECT 1
    FROM id_graph_built AS built
    WHERE built.segment_id = old.segment_id
);

CREATE OR REPLACE TEMPORARY TABLE id_graph_told AS
-- All that belong to the same profile as what landed since names (1), or as what that ever pointed to (0).
SELECT
    member.segment_id,
    profile.is_named
FROM id_graph_built AS member
JOIN (
    SELECT
        own.canonical_segment_id,
        max(t.is_named) AS is_named
    FROM (
        SELECT
            n.segment_id,
            1 AS is_named
        FROM id_graph_affected AS n
        WHERE n.is_named = 1

        UNION ALL

        SELECT
            u.canonical_segment_id,
            0
        FROM id_graph_affected AS n
        JOIN acme.id_graph_updates AS u
            ON u.segment_id = n.segment_id
        WHERE n.is_named = 1
    ) AS t
    JOIN id_graph_built AS own
        ON  own.segment_id = t.segment_id
        AND NOT own.is_gone
    GROUP BY own.canonical_segment_id
) AS profile
    ON profile.canonical_segment_id = member.canonical_segment_id
WHERE NOT member.is_gone;

BEGIN TRANSACTION;

-- Where the graph was made again, and where a profile is gone or moved without what landed since, as after an entry was changed
-- in place: all that read the graph begin anew.
DELETE FROM acme.idgraph_watermarks
WHERE window_is_first
   OR EXISTS (
    SELECT 1
    FROM id_graph_affected AS a
    JOIN acme.id_graph AS kept
        ON kept.segment_id = a.segment_id
    LEFT JOIN id_graph_built AS built
        ON  built.segment_id = kept.segment_id
        AND NOT built.is_gone
    LEFT JOIN id_graph_told AS mover
        ON mover.segment_id = kept.segment_id
    LEFT JOIN id_graph_told AS origin
        ON origin.segment_id = kept.canonical_segment_id
    WHERE built.segment_id IS NULL
       OR (
           built.canonical_segment_id <> kept.canonical_segment_id
           AND (mover.is_named IS NULL OR mover.is_named = 0 OR origin.segment_id IS NULL)
       )
);

-- In one statement, over the table once. Only rows that differ are written.
MERGE INTO acme.id_graph AS old
USING id_graph_built AS built
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
    window_graph_read_to,
    CAST(NULL AS STRING),
    CAST(NULL AS STRING)
;

COMMIT;
END;
