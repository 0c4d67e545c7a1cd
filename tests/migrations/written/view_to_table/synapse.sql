-- 0002 view to table
--
--   external_id_mapping is a table now, and was a view
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- external_id_mapping is to be a table: the view makes room for it.
-- idgraph: destructive acme.external_id_mapping
DROP VIEW IF EXISTS acme.external_id_mapping;
GO

-- Changes

-- external_id_mapping, made anew.
-- A run that was cut off between two names: the old rows are back in place.
IF OBJECT_ID('acme.external_id_mapping', 'U') IS NULL AND OBJECT_ID('acme.idgraph_old_external_id_mapping', 'U') IS NOT NULL
    RENAME OBJECT acme.idgraph_old_external_id_mapping TO external_id_mapping;
GO

IF OBJECT_ID('acme.external_id_mapping', 'U') IS NULL
CREATE TABLE acme.external_id_mapping (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_type     varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_value    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_hash     varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (external_id_value), CLUSTERED COLUMNSTORE INDEX);
GO

IF OBJECT_ID('tempdb..#external_id_mapping_built') IS NOT NULL
    DROP TABLE #external_id_mapping_built;
GO

CREATE TABLE #external_id_mapping_built
WITH (DISTRIBUTION = HASH (external_id_value), HEAP)
AS
WITH
-- The latest landed row of each external id decides who holds it.
decisive AS (
    SELECT
        ranked.external_id_type,
        ranked.external_id_value,
        ranked.external_id_hash,
        ranked.segment_id,
        ranked.seq,
        ranked.received_at,
        ranked.uuid_ts,
        ranked.timestamp,
        ranked.id
    FROM (
        SELECT
            u.external_id_type COLLATE Latin1_General_100_BIN2_UTF8 AS external_id_type,
            u.external_id_value COLLATE Latin1_General_100_BIN2_UTF8 AS external_id_value,
            u.external_id_hash,
            u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
            u.seq,
            u.received_at,
            u.uuid_ts,
            u.timestamp,
            u.id,
            row_number() OVER (
                PARTITION BY
                    u.external_id_type COLLATE Latin1_General_100_BIN2_UTF8,
                    u.external_id_value COLLATE Latin1_General_100_BIN2_UTF8
                ORDER BY
                    u.timestamp DESC,
                    CAST(u.seq COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                    u.uuid_ts DESC,
                    CAST(u.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                    CAST(u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
            ) AS nth_latest
        FROM acme.external_id_mapping_updates AS u
        WHERE u.external_id_type IS NOT NULL
          AND u.external_id_value IS NOT NULL
          AND u.segment_id IS NOT NULL
    ) AS ranked
    WHERE ranked.nth_latest = 1
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
    coalesce(l.external_id_hash, lower(CONVERT(
        varchar(40), HASHBYTES('SHA1', CAST(l.external_id_type + l.external_id_value AS varchar(8000))), 2
    ))) AS external_id_hash,
    l.timestamp
FROM latest AS l;
GO

-- Filled beside the table and put in its place: readers see the old rows or the new ones, and for the moment between two
-- names none. Grants go with the old table: give them on the schema.
IF OBJECT_ID('acme.idgraph_next_external_id_mapping', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_next_external_id_mapping;
GO

IF OBJECT_ID('acme.idgraph_old_external_id_mapping', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_old_external_id_mapping;
GO

CREATE TABLE acme.idgraph_next_external_id_mapping (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_type     varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_value    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    external_id_hash     varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (external_id_value), CLUSTERED COLUMNSTORE INDEX);
GO

INSERT INTO acme.idgraph_next_external_id_mapping (
    canonical_segment_id,
    external_id_type,
    external_id_value,
    external_id_hash,
    timestamp
)
SELECT
    new.canonical_segment_id,
    new.external_id_type,
    new.external_id_value,
    new.external_id_hash,
    new.timestamp
FROM #external_id_mapping_built AS new;
GO

RENAME OBJECT acme.external_id_mapping TO idgraph_old_external_id_mapping;
GO
RENAME OBJECT acme.idgraph_next_external_id_mapping TO external_id_mapping;
GO
