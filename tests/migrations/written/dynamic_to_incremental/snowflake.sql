-- 0002 dynamic to incremental
--
--   new table idgraph_watermarks
--   id_graph is an incremental table now, and was a dynamic table
--   profile_traits is an incremental table now, and was a dynamic table
--
-- Written by `idgraph migrate new` for Snowflake.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- profile_traits is to be a table: the dynamic table makes room for it.
-- idgraph: destructive acme.profile_traits
DROP DYNAMIC TABLE acme.profile_traits;

-- id_graph is to be a table: the dynamic table makes room for it.
-- idgraph: destructive acme.id_graph
DROP DYNAMIC TABLE acme.id_graph;

-- Changes

-- How far each incremental model has read each landed table.
CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    model        varchar      COMMENT 'The model',
    landed       varchar      COMMENT 'The landed table with its schema, or a trait',
    loaded_until timestamp_tz COMMENT 'The newest load time read; NULL while nothing has landed',
    object_id    varchar      COMMENT 'The identity in the catalog of the model\'s table, or column, that this is about; NULL where the catalog has none',
    landed_id    varchar      COMMENT 'The same of the landed table, or column, that was read'
)
COMMENT = 'How far each incremental model has read each landed table. Built by idgraph.';

-- id_graph, made anew.
CREATE TABLE IF NOT EXISTS acme.id_graph (
    segment_id           varchar      COMMENT 'A profile id, merged away or not',
    canonical_segment_id varchar      COMMENT 'The profile after all merges',
    timestamp            timestamp_tz COMMENT 'When it came to point there'
)
CLUSTER BY (segment_id)
COMMENT = 'One row for every profile id ever seen: where it points now. Built by idgraph.';

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

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants,
-- policies and streams.
INSERT OVERWRITE INTO acme.id_graph (
    segment_id,
    canonical_segment_id,
    timestamp
)
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
  AND NOT EXISTS (SELECT 1 FROM acme.idgraph_work_id_graph_entry AS e WHERE e.segment_id = u.canonical_segment_id)
GROUP BY u.canonical_segment_id;

-- profile_traits, made anew.
CREATE TABLE IF NOT EXISTS acme.profile_traits (
    canonical_segment_id varchar       COMMENT 'A profile id, merged away or not',
    email                varchar       COMMENT 'Trait email',
    visits               number(38, 0) COMMENT 'Trait visits',
    merged_to            varchar       COMMENT 'The profile that this one was merged into; NULL for a canonical one'
)
CLUSTER BY (canonical_segment_id)
COMMENT = 'One row for every profile id: the last value of each trait. Built by idgraph.';

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

-- What the project has gained since the table was made.
ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS email                varchar       COMMENT 'Trait email';

ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS visits               number(38, 0) COMMENT 'Trait visits';

-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants,
-- policies and streams.
INSERT OVERWRITE INTO acme.profile_traits (
    canonical_segment_id,
    email,
    visits,
    merged_to
)
WITH
-- Landed traits under the profile that they belong to now, numbered from its oldest row to its latest.
resolved AS (
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id,
        t.email,
        t.visits,
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
        max_by(r.visits, CASE WHEN r.visits IS NOT NULL THEN r.recency END) AS visits
    FROM resolved AS r
    GROUP BY r.canonical_segment_id
)
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.visits,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id;
