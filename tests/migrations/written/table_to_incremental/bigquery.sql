-- 0002 table to incremental
--
--   new table idgraph_watermarks
--   id_graph is an incremental table now, and was a table
--
-- Written by `idgraph migrate new` for BigQuery.
-- Its statements run one by one.
-- idgraph: no-transaction

-- How far each incremental model has read each landed table.
CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    model        STRING    OPTIONS (description = 'The model'),
    landed       STRING    OPTIONS (description = 'The landed table with its schema, or a trait'),
    loaded_until TIMESTAMP OPTIONS (description = 'The newest load time read; NULL while nothing has landed'),
    object_id    STRING    OPTIONS (description = 'The identity in the catalog of the model\'s table, or column, that this is about; NULL where the catalog has none'),
    landed_id    STRING    OPTIONS (description = 'The same of the landed table, or column, that was read')
)
OPTIONS (description = 'How far each incremental model has read each landed table. Built by idgraph.', labels = [('built_by', 'idgraph')]);

-- id_graph is refreshed from now on: it notes how far it has read. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
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

-- idgraph: destructive acme.id_graph
-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
MERGE INTO acme.id_graph AS old
USING (
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
      AND NOT EXISTS (SELECT 1 FROM id_graph_entry AS e WHERE e.segment_id = u.canonical_segment_id)
    GROUP BY u.canonical_segment_id
) AS built
ON FALSE
WHEN NOT MATCHED BY SOURCE THEN
    DELETE
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

-- external_id_mapping is built from what changes above. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
-- idgraph: destructive acme.external_id_mapping
-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
MERGE INTO acme.external_id_mapping AS old
USING (
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
        QUALIFY row_number() OVER (
            PARTITION BY u.external_id_type, u.external_id_value
            ORDER BY
                u.timestamp DESC,
                u.seq DESC,
                u.uuid_ts DESC,
                u.id DESC,
                u.segment_id DESC
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
        coalesce(l.external_id_hash, to_hex(sha1(l.external_id_type || l.external_id_value))) AS external_id_hash,
        l.timestamp
    FROM latest AS l
) AS built
ON FALSE
WHEN NOT MATCHED BY SOURCE THEN
    DELETE
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

-- profile_traits is built from what changes above. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
-- idgraph: destructive acme.profile_traits
-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
MERGE INTO acme.profile_traits AS old
USING (
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
            array_agg(r.visits IGNORE NULLS ORDER BY r.recency DESC LIMIT 1)[SAFE_OFFSET(0)] AS visits
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
    FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
) AS built
ON FALSE
WHEN NOT MATCHED BY SOURCE THEN
    DELETE
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        email,
        visits,
        merged_to
    )
    VALUES (
        built.canonical_segment_id,
        built.email,
        built.visits,
        built.merged_to
    );
