-- The refresh of the models by the clock.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the account, the user or the client has set.
ALTER SESSION SET TIMEZONE = 'UTC';
ALTER SESSION SET TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM';
ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE;

-- A statement that fails ends its transaction: the statements after it fail too, and COMMIT keeps nothing.
ALTER SESSION SET TRANSACTION_ABORT_ON_ERROR = TRUE;

-- What the files of the models do, one run at a time. It takes EXECUTE TASK to resume it.
CREATE OR REPLACE TASK acme.idgraph_refresh
WAREHOUSE = transforming
SCHEDULE = 'USING CRON 0 * * * * UTC'
ALLOW_OVERLAPPING_EXECUTION = FALSE
TIMEZONE = 'UTC',
TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM',
QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE
COMMENT = 'Refreshes the models of acme. Built by idgraph.'
AS
EXECUTE IMMEDIATE
$$
BEGIN
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_window AS
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
        dateadd(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.id_graph_updates')),
        CAST('0001-01-01' AS timestamp_tz)
    ) AS graph_since,
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u) AS graph_until,
    -- Next time from here on. A load time in the future must not hide what lands until then.
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u WHERE u.uuid_ts <= current_timestamp()) AS graph_read_to,
    (SELECT count(*) FROM noted) = 0 AS is_first;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_affected AS
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
                      (SELECT w.graph_since FROM acme.idgraph_work_id_graph_window AS w)
                  AND (SELECT w.graph_until FROM acme.idgraph_work_id_graph_window AS w)
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM acme.idgraph_work_id_graph_window AS w)
                  AND (SELECT w.graph_until FROM acme.idgraph_work_id_graph_window AS w)
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
    WHERE (SELECT w.is_first FROM acme.idgraph_work_id_graph_window AS w)
)
SELECT
    t.segment_id,
    max(t.is_named) AS is_named
FROM together AS t
GROUP BY t.segment_id;

-- In steps, without recursion. First the latest entry of each profile. One without a canonical id names the profile itself.
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_entry AS
SELECT
    u.segment_id,
    u.canonical_segment_id,
    u.timestamp,
    u.seq,
    u.uuid_ts,
    u.id
FROM acme.id_graph_updates AS u
WHERE u.segment_id IS NOT NULL
  AND EXISTS (SELECT 1 FROM acme.idgraph_work_id_graph_affected AS a WHERE a.segment_id = u.segment_id)
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
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_merged AS
SELECT
    e.segment_id,
    e.canonical_segment_id,
    e.timestamp,
    e.seq,
    e.uuid_ts,
    e.id,
    onward.segment_id IS NOT NULL AS goes_on
FROM acme.idgraph_work_id_graph_entry AS e
LEFT JOIN acme.idgraph_work_id_graph_entry AS onward
    ON  onward.segment_id = e.canonical_segment_id
    AND onward.canonical_segment_id <> onward.segment_id
WHERE e.canonical_segment_id <> e.segment_id;

-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step. Those that
-- go on, numbered from the newest entry to the oldest.
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_leap_0 AS
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
    FROM acme.idgraph_work_id_graph_merged AS m
    WHERE m.goes_on
) AS n;

-- In every round each looks 4 times as far and keeps the age of the oldest on its way, itself included:
-- after the last it sees 16,384 merges far.
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_leap_1 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest_ignore_nulls(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM acme.idgraph_work_id_graph_leap_0 AS a
LEFT JOIN acme.idgraph_work_id_graph_leap_0 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_0 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_0 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_leap_2 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest_ignore_nulls(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM acme.idgraph_work_id_graph_leap_1 AS a
LEFT JOIN acme.idgraph_work_id_graph_leap_1 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_1 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_1 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_leap_3 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest_ignore_nulls(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM acme.idgraph_work_id_graph_leap_2 AS a
LEFT JOIN acme.idgraph_work_id_graph_leap_2 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_2 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_2 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_leap_4 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest_ignore_nulls(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM acme.idgraph_work_id_graph_leap_3 AS a
LEFT JOIN acme.idgraph_work_id_graph_leap_3 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_3 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_3 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_leap_5 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest_ignore_nulls(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM acme.idgraph_work_id_graph_leap_4 AS a
LEFT JOIN acme.idgraph_work_id_graph_leap_4 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_4 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_4 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_leap_6 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest_ignore_nulls(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM acme.idgraph_work_id_graph_leap_5 AS a
LEFT JOIN acme.idgraph_work_id_graph_leap_5 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_5 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_5 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_leap AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp,
    a.age,
    greatest_ignore_nulls(a.oldest, b.oldest, c.oldest, d.oldest) AS oldest
FROM acme.idgraph_work_id_graph_leap_6 AS a
LEFT JOIN acme.idgraph_work_id_graph_leap_6 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_6 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_leap_6 AS d ON d.segment_id = c.canonical_segment_id;

-- From there one step leads to the end.
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_chain AS
SELECT
    m.segment_id,
    m.canonical_segment_id,
    m.timestamp
FROM acme.idgraph_work_id_graph_merged AS m
WHERE NOT m.goes_on

UNION ALL

SELECT
    l.segment_id,
    m.canonical_segment_id,
    greatest_ignore_nulls(l.timestamp, m.timestamp)
FROM acme.idgraph_work_id_graph_leap AS l
JOIN acme.idgraph_work_id_graph_merged AS m
    ON  m.segment_id = l.canonical_segment_id
    AND NOT m.goes_on;

-- What has not ended runs into a cycle (merges that landed out of order).
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_astray AS
SELECT
    l.segment_id,
    l.canonical_segment_id,
    l.age,
    l.oldest
FROM acme.idgraph_work_id_graph_leap AS l
JOIN acme.idgraph_work_id_graph_merged AS m
    ON  m.segment_id = l.canonical_segment_id
    AND m.goes_on;

-- The newer merges win: the oldest of a cycle is canonical. By now every way is in its cycle, and every member of a
-- cycle is reached.
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_head AS
SELECT a.segment_id
FROM acme.idgraph_work_id_graph_astray AS a
WHERE a.age = a.oldest
  AND a.segment_id IN (SELECT r.canonical_segment_id FROM acme.idgraph_work_id_graph_astray AS r);

-- All that leads to the cycle leads to it, in rounds as well. A head stays where it is.
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_way_0 AS
SELECT
    a.segment_id,
    CASE WHEN h.segment_id IS NULL THEN m.canonical_segment_id ELSE a.segment_id END AS canonical_segment_id,
    CASE WHEN h.segment_id IS NULL THEN m.timestamp END AS timestamp
FROM acme.idgraph_work_id_graph_astray AS a
JOIN acme.idgraph_work_id_graph_merged AS m ON m.segment_id = a.segment_id
LEFT JOIN acme.idgraph_work_id_graph_head AS h ON h.segment_id = a.segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_way_1 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM acme.idgraph_work_id_graph_way_0 AS a
LEFT JOIN acme.idgraph_work_id_graph_way_0 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_0 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_0 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_way_2 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM acme.idgraph_work_id_graph_way_1 AS a
LEFT JOIN acme.idgraph_work_id_graph_way_1 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_1 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_1 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_way_3 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM acme.idgraph_work_id_graph_way_2 AS a
LEFT JOIN acme.idgraph_work_id_graph_way_2 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_2 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_2 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_way_4 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM acme.idgraph_work_id_graph_way_3 AS a
LEFT JOIN acme.idgraph_work_id_graph_way_3 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_3 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_3 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_way_5 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM acme.idgraph_work_id_graph_way_4 AS a
LEFT JOIN acme.idgraph_work_id_graph_way_4 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_4 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_4 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_way_6 AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM acme.idgraph_work_id_graph_way_5 AS a
LEFT JOIN acme.idgraph_work_id_graph_way_5 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_5 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_5 AS d ON d.segment_id = c.canonical_segment_id;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_way AS
SELECT
    a.segment_id,
    coalesce(d.canonical_segment_id, c.canonical_segment_id, b.canonical_segment_id, a.canonical_segment_id) AS canonical_segment_id,
    greatest_ignore_nulls(a.timestamp, b.timestamp, c.timestamp, d.timestamp) AS timestamp
FROM acme.idgraph_work_id_graph_way_6 AS a
LEFT JOIN acme.idgraph_work_id_graph_way_6 AS b ON b.segment_id = a.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_6 AS c ON c.segment_id = b.canonical_segment_id
LEFT JOIN acme.idgraph_work_id_graph_way_6 AS d ON d.segment_id = c.canonical_segment_id;

-- What the affected rows are now; those that are no more, marked.
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_built AS
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
    FROM acme.idgraph_work_id_graph_chain AS c

    UNION ALL

    SELECT
        r.segment_id,
        r.canonical_segment_id,
        r.timestamp
    FROM acme.idgraph_work_id_graph_way AS r
    WHERE r.segment_id <> r.canonical_segment_id

    UNION ALL

    SELECT
        e.segment_id,
        e.segment_id,
        e.timestamp
    FROM acme.idgraph_work_id_graph_entry AS e
    WHERE e.canonical_segment_id = e.segment_id
       OR e.canonical_segment_id IS NULL
       OR e.segment_id IN (SELECT h.segment_id FROM acme.idgraph_work_id_graph_head AS h)

    UNION ALL

    -- Profiles that only appear as the target of a merge.
    SELECT
        u.canonical_segment_id,
        u.canonical_segment_id,
        min(u.timestamp)
    FROM acme.id_graph_updates AS u
    WHERE u.segment_id IS NOT NULL
      AND u.canonical_segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM acme.idgraph_work_id_graph_affected AS a WHERE a.segment_id = u.canonical_segment_id)
      AND NOT EXISTS (SELECT 1 FROM acme.idgraph_work_id_graph_entry AS e WHERE e.segment_id = u.canonical_segment_id)
    GROUP BY u.canonical_segment_id
) AS computed;

INSERT INTO acme.idgraph_work_id_graph_built
SELECT
    old.segment_id,
    old.canonical_segment_id,
    old.timestamp,
    TRUE
FROM acme.id_graph AS old
WHERE EXISTS (
    SELECT 1
    FROM acme.idgraph_work_id_graph_affected AS a
    WHERE a.segment_id = old.segment_id
)
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_work_id_graph_built AS built
    WHERE built.segment_id = old.segment_id
);

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_id_graph_told AS
-- All that belong to the same profile as what landed since names (1), or as what that ever pointed to (0).
SELECT
    member.segment_id,
    profile.is_named
FROM acme.idgraph_work_id_graph_built AS member
JOIN (
    SELECT
        own.canonical_segment_id,
        max(t.is_named) AS is_named
    FROM (
        SELECT
            n.segment_id,
            1 AS is_named
        FROM acme.idgraph_work_id_graph_affected AS n
        WHERE n.is_named = 1

        UNION ALL

        SELECT
            u.canonical_segment_id,
            0
        FROM acme.idgraph_work_id_graph_affected AS n
        JOIN acme.id_graph_updates AS u
            ON u.segment_id = n.segment_id
        WHERE n.is_named = 1
    ) AS t
    JOIN acme.idgraph_work_id_graph_built AS own
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
WHERE (SELECT w.is_first FROM acme.idgraph_work_id_graph_window AS w)
   OR EXISTS (
    SELECT 1
    FROM acme.idgraph_work_id_graph_affected AS a
    JOIN acme.id_graph AS kept
        ON kept.segment_id = a.segment_id
    LEFT JOIN acme.idgraph_work_id_graph_built AS built
        ON  built.segment_id = kept.segment_id
        AND NOT built.is_gone
    LEFT JOIN acme.idgraph_work_id_graph_told AS mover
        ON mover.segment_id = kept.segment_id
    LEFT JOIN acme.idgraph_work_id_graph_told AS origin
        ON origin.segment_id = kept.canonical_segment_id
    WHERE built.segment_id IS NULL
       OR (
           built.canonical_segment_id <> kept.canonical_segment_id
           AND (mover.is_named IS NULL OR mover.is_named = 0 OR origin.segment_id IS NULL)
       )
);

-- In one statement, over the table once. Only rows that differ are written.
MERGE INTO acme.id_graph AS old
USING acme.idgraph_work_id_graph_built AS built
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
    (SELECT w.graph_read_to FROM acme.idgraph_work_id_graph_window AS w),
    CAST(NULL AS varchar),
    CAST(NULL AS varchar);

COMMIT;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_external_id_mapping_window AS
-- What to read: from a while before what was read last, for rows that landed late, to the newest.
WITH
-- How far the landed tables as they are have been read for the table as it is. What was made again since, or emptied, has not
-- been read at all.
found AS (
    SELECT
        w.landed,
        w.loaded_until
    FROM acme.idgraph_watermarks AS w
    WHERE w.model = 'external_id_mapping'
      AND (
        (
            w.landed = 'acme.id_graph_updates'
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.id_graph_updates AS landed))
        )
        OR (
            w.landed = 'acme.external_id_mapping_updates'
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.external_id_mapping_updates AS landed))
        )
      )
      AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.external_id_mapping AS kept))
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
        dateadd(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.id_graph_updates')),
        CAST('0001-01-01' AS timestamp_tz)
    ) AS graph_since,
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u) AS graph_until,
    -- No further than the graph itself, which may have been refreshed before the newest rows landed.
    (SELECT min(w.loaded_until) FROM acme.idgraph_watermarks AS w WHERE w.model = 'id_graph' AND w.landed = 'acme.id_graph_updates') AS graph_read_to,
    coalesce(
        dateadd(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.external_id_mapping_updates')),
        CAST('0001-01-01' AS timestamp_tz)
    ) AS own_since,
    (SELECT max(u.uuid_ts) FROM acme.external_id_mapping_updates AS u) AS own_until,
    -- Next time from here on. A load time in the future must not hide what lands until then.
    (SELECT max(u.uuid_ts) FROM acme.external_id_mapping_updates AS u WHERE u.uuid_ts <= current_timestamp()) AS own_read_to,
    (SELECT count(*) FROM noted) = 0 AS is_first;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_external_id_mapping_affected AS
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
                      (SELECT w.graph_since FROM acme.idgraph_work_external_id_mapping_window AS w)
                  AND (SELECT w.graph_until FROM acme.idgraph_work_external_id_mapping_window AS w)
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM acme.idgraph_work_external_id_mapping_window AS w)
                  AND (SELECT w.graph_until FROM acme.idgraph_work_external_id_mapping_window AS w)
              OR u.uuid_ts IS NULL
          )
    ) AS both_ends
),
-- All that belong to the same profile as one of them now: those that moved are among these.
moved AS (
    SELECT n.segment_id
    FROM named AS n

    UNION ALL

    SELECT member.segment_id
    FROM acme.id_graph AS member
    WHERE member.canonical_segment_id IN (
        SELECT own.canonical_segment_id
        FROM named AS t
        JOIN acme.id_graph AS own ON own.segment_id = t.segment_id
    )
),
together AS (
    SELECT
        u.external_id_value,
        u.external_id_type
    FROM acme.external_id_mapping_updates AS u
    WHERE (
        u.uuid_ts BETWEEN
                (SELECT w.own_since FROM acme.idgraph_work_external_id_mapping_window AS w)
            AND (SELECT w.own_until FROM acme.idgraph_work_external_id_mapping_window AS w)
        OR u.uuid_ts IS NULL
    )

    UNION ALL

    SELECT
        u.external_id_value,
        u.external_id_type
    FROM acme.external_id_mapping_updates AS u
    WHERE EXISTS (SELECT 1 FROM moved AS m WHERE m.segment_id = u.segment_id)

    UNION ALL

    -- What the profiles of new rows hold by rows that are there no more: these were changed in place.
    SELECT
        kept.external_id_value,
        kept.external_id_type
    FROM (
        SELECT DISTINCT coalesce(g.canonical_segment_id, u.segment_id) AS canonical_segment_id
        FROM acme.external_id_mapping_updates AS u
        LEFT JOIN acme.id_graph AS g ON g.segment_id = u.segment_id
        WHERE u.segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.own_since FROM acme.idgraph_work_external_id_mapping_window AS w)
                  AND (SELECT w.own_until FROM acme.idgraph_work_external_id_mapping_window AS w)
              OR u.uuid_ts IS NULL
          )
    ) AS profile
    JOIN acme.external_id_mapping AS kept
        ON kept.canonical_segment_id = profile.canonical_segment_id
    LEFT JOIN acme.external_id_mapping_updates AS u
        ON  u.external_id_value = kept.external_id_value
        AND u.external_id_type = kept.external_id_type
        AND (u.timestamp = kept.timestamp OR (u.timestamp IS NULL AND kept.timestamp IS NULL))
    LEFT JOIN acme.id_graph AS g
        ON g.segment_id = u.segment_id
    WHERE u.segment_id IS NULL
       OR coalesce(g.canonical_segment_id, u.segment_id) <> kept.canonical_segment_id

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
        kept.external_id_value,
        kept.external_id_type
    FROM acme.external_id_mapping AS kept
    WHERE (SELECT w.is_first FROM acme.idgraph_work_external_id_mapping_window AS w)
)
SELECT DISTINCT
    t.external_id_value,
    t.external_id_type
FROM together AS t;

-- What the affected rows are now; those that are no more, marked.
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_external_id_mapping_built AS
SELECT
    computed.canonical_segment_id,
    computed.external_id_type,
    computed.external_id_value,
    computed.external_id_hash,
    computed.timestamp,
    FALSE AS is_gone
FROM (
    WITH
    -- The latest landed row of each external id decides who holds it.
    decisive AS (
        SELECT
            u.external_id_type,
            u.external_id_value,
            u.external_id_hash,
            u.segment_id,
            u.seq,
            u.received_at,
            u.uuid_ts,
            u.timestamp,
            u.id
        FROM acme.external_id_mapping_updates AS u
        WHERE u.external_id_type IS NOT NULL
          AND u.external_id_value IS NOT NULL
          AND u.segment_id IS NOT NULL
          AND EXISTS (
            SELECT 1
            FROM acme.idgraph_work_external_id_mapping_affected AS a
            WHERE a.external_id_value = u.external_id_value
              AND a.external_id_type = u.external_id_type
          )
        QUALIFY row_number() OVER (
            PARTITION BY u.external_id_type, u.external_id_value
            ORDER BY
                u.timestamp DESC NULLS LAST,
                u.seq DESC NULLS LAST,
                u.uuid_ts DESC NULLS LAST,
                u.id DESC NULLS LAST,
                u.segment_id DESC NULLS LAST
        ) = 1
    ),
    latest AS (
        SELECT
            d.*,
            coalesce(g.canonical_segment_id, d.segment_id) AS canonical_segment_id
        FROM decisive AS d
        LEFT JOIN acme.id_graph AS g ON g.segment_id = d.segment_id
    )
    SELECT
        l.canonical_segment_id,
        l.external_id_type,
        l.external_id_value,
        coalesce(l.external_id_hash, sha1(l.external_id_type || l.external_id_value)) AS external_id_hash,
        l.timestamp
    FROM latest AS l
) AS computed;

INSERT INTO acme.idgraph_work_external_id_mapping_built
SELECT
    old.canonical_segment_id,
    old.external_id_type,
    old.external_id_value,
    old.external_id_hash,
    old.timestamp,
    TRUE
FROM acme.external_id_mapping AS old
WHERE EXISTS (
    SELECT 1
    FROM acme.idgraph_work_external_id_mapping_affected AS a
    WHERE a.external_id_value = old.external_id_value
      AND a.external_id_type = old.external_id_type
)
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_work_external_id_mapping_built AS built
    WHERE built.external_id_type = old.external_id_type
      AND built.external_id_value = old.external_id_value
);

BEGIN TRANSACTION;

-- In one statement, over the table once. Only rows that differ are written.
MERGE INTO acme.external_id_mapping AS old
USING acme.idgraph_work_external_id_mapping_built AS built
ON built.external_id_type = old.external_id_type
  AND built.external_id_value = old.external_id_value
WHEN MATCHED AND built.is_gone THEN
    DELETE
WHEN MATCHED AND (
    old.canonical_segment_id IS DISTINCT FROM built.canonical_segment_id
    OR old.external_id_hash IS DISTINCT FROM built.external_id_hash
    OR old.timestamp IS DISTINCT FROM built.timestamp
) THEN
    UPDATE SET
        canonical_segment_id = built.canonical_segment_id,
        external_id_hash = built.external_id_hash,
        timestamp = built.timestamp
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        external_id_type,
        external_id_value,
        external_id_hash,
        timestamp
    )
    VALUES (
        built.canonical_segment_id,
        built.external_id_type,
        built.external_id_value,
        built.external_id_hash,
        built.timestamp
    );

DELETE FROM acme.idgraph_watermarks WHERE model = 'external_id_mapping';

INSERT INTO acme.idgraph_watermarks (
    model,
    landed,
    loaded_until,
    object_id,
    landed_id
)
SELECT
    'external_id_mapping',
    'acme.id_graph_updates',
    (SELECT w.graph_read_to FROM acme.idgraph_work_external_id_mapping_window AS w),
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'external_id_mapping',
    'acme.external_id_mapping_updates',
    (SELECT w.own_read_to FROM acme.idgraph_work_external_id_mapping_window AS w),
    CAST(NULL AS varchar),
    CAST(NULL AS varchar);

COMMIT;

-- What was read for a column that is there no more says nothing of the one that takes its place.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed LIKE 'trait %'
  AND substr(landed, 7) NOT IN (
    SELECT lower(c.column_name)
    FROM information_schema.columns AS c
    WHERE c.table_schema = 'ACME'
      AND c.table_name = 'PROFILE_TRAITS'
);

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_profile_traits_window AS
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
            w.landed = 'acme.identifies'
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM acme.identifies AS landed))
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
        dateadd(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.id_graph_updates')),
        CAST('0001-01-01' AS timestamp_tz)
    ) AS graph_since,
    (SELECT max(u.uuid_ts) FROM acme.id_graph_updates AS u) AS graph_until,
    -- No further than the graph itself, which may have been refreshed before the newest rows landed.
    (SELECT min(w.loaded_until) FROM acme.idgraph_watermarks AS w WHERE w.model = 'id_graph' AND w.landed = 'acme.id_graph_updates') AS graph_read_to,
    coalesce(
        dateadd(second, -86400, (SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = 'acme.identifies')),
        CAST('0001-01-01' AS timestamp_tz)
    ) AS own_since,
    (SELECT max(u.uuid_ts) FROM acme.identifies AS u) AS own_until,
    -- Next time from here on. A load time in the future must not hide what lands until then.
    (SELECT max(u.uuid_ts) FROM acme.identifies AS u WHERE u.uuid_ts <= current_timestamp()) AS own_read_to,
    5 - (
        SELECT count(DISTINCT w.landed)
        FROM acme.idgraph_watermarks AS w
        WHERE w.model = 'profile_traits'
          AND w.landed IN ('trait email', 'trait plan', 'trait lifetime_value', 'trait is_vip', 'trait order')
    ) AS new_traits,
    (
        SELECT count(*)
        FROM acme.idgraph_watermarks AS w
        WHERE w.model = 'profile_traits'
          AND w.landed LIKE 'trait %'
          AND w.landed NOT IN ('trait email', 'trait plan', 'trait lifetime_value', 'trait is_vip', 'trait order')
    ) AS gone_traits,
    (SELECT count(*) FROM noted) = 0 AS is_first;

CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_profile_traits_affected AS
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
                      (SELECT w.graph_since FROM acme.idgraph_work_profile_traits_window AS w)
                  AND (SELECT w.graph_until FROM acme.idgraph_work_profile_traits_window AS w)
              OR u.uuid_ts IS NULL
          )

        UNION ALL

        SELECT u.canonical_segment_id
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND (
              u.uuid_ts BETWEEN
                      (SELECT w.graph_since FROM acme.idgraph_work_profile_traits_window AS w)
                  AND (SELECT w.graph_until FROM acme.idgraph_work_profile_traits_window AS w)
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
    FROM acme.identifies AS u
    WHERE u.segment_id IS NOT NULL
      AND (
          u.uuid_ts BETWEEN
                  (SELECT w.own_since FROM acme.idgraph_work_profile_traits_window AS w)
              AND (SELECT w.own_until FROM acme.idgraph_work_profile_traits_window AS w)
          OR u.uuid_ts IS NULL
      )

    UNION ALL

    -- A trait that the project has gained comes with its history.
    SELECT u.segment_id
    FROM acme.identifies AS u
    WHERE u.segment_id IS NOT NULL
      AND u.uuid_ts BETWEEN
              CAST('0001-01-01' AS timestamp_tz)
          AND (SELECT w.own_until FROM acme.idgraph_work_profile_traits_window AS w WHERE w.new_traits > 0)
      AND (
          (u.email IS NOT NULL AND 'trait email' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.plan IS NOT NULL AND 'trait plan' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.lifetime_value IS NOT NULL AND 'trait lifetime_value' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u.is_vip IS NOT NULL AND 'trait is_vip' NOT IN (SELECT k.landed FROM known AS k)) OR
          (u."ORDER" IS NOT NULL AND 'trait order' NOT IN (SELECT k.landed FROM known AS k))
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
    WHERE (SELECT w.is_first FROM acme.idgraph_work_profile_traits_window AS w)
)
SELECT DISTINCT
    t.segment_id
FROM together AS t;

-- What the affected rows are now; those that are no more, marked.
CREATE OR REPLACE TEMPORARY TABLE acme.idgraph_work_profile_traits_built AS
SELECT
    computed.canonical_segment_id,
    computed.email,
    computed.plan,
    computed.lifetime_value,
    computed.is_vip,
    computed."ORDER",
    computed.merged_to,
    FALSE AS is_gone
FROM (
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
          AND EXISTS (SELECT 1 FROM acme.idgraph_work_profile_traits_affected AS a WHERE a.segment_id = t.segment_id)
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
    FROM (
        SELECT g.*
        FROM acme.id_graph AS g
        WHERE EXISTS (SELECT 1 FROM acme.idgraph_work_profile_traits_affected AS a WHERE a.segment_id = g.segment_id)
    ) AS g
    FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
) AS computed;

INSERT INTO acme.idgraph_work_profile_traits_built
SELECT
    old.canonical_segment_id,
    old.email,
    old.plan,
    old.lifetime_value,
    old.is_vip,
    old."ORDER",
    old.merged_to,
    TRUE
FROM acme.profile_traits AS old
WHERE EXISTS (
    SELECT 1
    FROM acme.idgraph_work_profile_traits_affected AS a
    WHERE a.segment_id = old.canonical_segment_id
)
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_work_profile_traits_built AS built
    WHERE built.canonical_segment_id = old.canonical_segment_id
);

BEGIN TRANSACTION;

-- In one statement, over the table once. Only rows that differ are written.
MERGE INTO acme.profile_traits AS old
USING acme.idgraph_work_profile_traits_built AS built
ON built.canonical_segment_id = old.canonical_segment_id
WHEN MATCHED AND built.is_gone THEN
    DELETE
WHEN MATCHED AND (
    old.email IS DISTINCT FROM built.email
    OR old.plan IS DISTINCT FROM built.plan
    OR old.lifetime_value IS DISTINCT FROM built.lifetime_value
    OR old.is_vip IS DISTINCT FROM built.is_vip
    OR old."ORDER" IS DISTINCT FROM built."ORDER"
    OR old.merged_to IS DISTINCT FROM built.merged_to
) THEN
    UPDATE SET
        email = built.email,
        plan = built.plan,
        lifetime_value = built.lifetime_value,
        is_vip = built.is_vip,
        "ORDER" = built."ORDER",
        merged_to = built.merged_to
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        email,
        plan,
        lifetime_value,
        is_vip,
        "ORDER",
        merged_to
    )
    VALUES (
        built.canonical_segment_id,
        built.email,
        built.plan,
        built.lifetime_value,
        built.is_vip,
        built."ORDER",
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
    (SELECT w.graph_read_to FROM acme.idgraph_work_profile_traits_window AS w),
    CAST(NULL AS varchar),
    CAST(NULL AS varchar)

UNION ALL

SELECT
    'profile_traits',
    'acme.identifies',
    (SELECT w.own_read_to FROM acme.idgraph_work_profile_traits_window AS w),
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
    CAST(NULL AS varchar);

COMMIT;
END;
$$;

-- A task that was made or replaced is suspended.
ALTER TASK acme.idgraph_refresh RESUME;
