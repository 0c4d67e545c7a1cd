-- 0002 new models
--
--   new model identifiers
--   new model merges
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- identifiers is new. One row for every external id, with the landed row that decided.
-- A run that was cut off between two names: the old rows are back in place.
IF OBJECT_ID('acme.identifiers', 'U') IS NULL AND OBJECT_ID('acme.idgraph_old_identifiers', 'U') IS NOT NULL
    RENAME OBJECT acme.idgraph_old_identifiers TO identifiers;
GO

IF OBJECT_ID('acme.identifiers', 'U') IS NULL
CREATE TABLE acme.identifiers (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    type                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    value                varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    seq                  varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    received_at          datetime2(7),
    uuid_ts              datetime2(7),
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (value), CLUSTERED COLUMNSTORE INDEX);
GO

IF OBJECT_ID('tempdb..#identifiers_built') IS NOT NULL
    DROP TABLE #identifiers_built;
GO

CREATE TABLE #identifiers_built
WITH (DISTRIBUTION = HASH (value), HEAP)
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
    l.external_id_type AS type,
    l.external_id_value AS value,
    l.seq,
    l.received_at,
    l.uuid_ts,
    l.timestamp
FROM latest AS l;
GO

-- Filled beside the table and put in its place: readers see the old rows or the new ones, and for the moment between two
-- names none. Grants go with the old table: give them on the schema.
IF OBJECT_ID('acme.idgraph_next_identifiers', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_next_identifiers;
GO

IF OBJECT_ID('acme.idgraph_old_identifiers', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_old_identifiers;
GO

CREATE TABLE acme.idgraph_next_identifiers (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    type                 varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    value                varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    seq                  varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    received_at          datetime2(7),
    uuid_ts              datetime2(7),
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (value), CLUSTERED COLUMNSTORE INDEX);
GO

INSERT INTO acme.idgraph_next_identifiers (
    canonical_segment_id,
    type,
    value,
    seq,
    received_at,
    uuid_ts,
    timestamp
)
SELECT
    new.canonical_segment_id,
    new.type,
    new.value,
    new.seq,
    new.received_at,
    new.uuid_ts,
    new.timestamp
FROM #identifiers_built AS new;
GO

RENAME OBJECT acme.identifiers TO idgraph_old_identifiers;
GO
RENAME OBJECT acme.idgraph_next_identifiers TO identifiers;
GO

-- merges is new. One row for every profile id: where it points now, with the landed row that decided.
IF OBJECT_ID('acme.merges', 'V') IS NULL
    EXEC ('CREATE VIEW acme.merges AS SELECT 1 AS nothing');
GO

ALTER VIEW acme.merges AS
-- Built by idgraph.
-- The latest entry of each profile: the landed row that decided where it points.
WITH latest AS (
    SELECT
        ranked.segment_id,
        ranked.seq,
        ranked.received_at,
        ranked.uuid_ts
    FROM (
        SELECT
            u.segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS segment_id,
            u.seq,
            u.received_at,
            u.uuid_ts,
            row_number() OVER (
                PARTITION BY u.segment_id COLLATE Latin1_General_100_BIN2_UTF8
                ORDER BY
                    u.timestamp DESC,
                    CAST(u.seq COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                    u.uuid_ts DESC,
                    CAST(u.id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC,
                    CAST(u.canonical_segment_id COLLATE Latin1_General_100_BIN2_UTF8 AS varchar(8000)) DESC
            ) AS nth_latest
        FROM acme.id_graph_updates AS u
        WHERE u.segment_id IS NOT NULL
    ) AS ranked
    WHERE ranked.nth_latest = 1
)
SELECT
    g.canonical_segment_id,
    g.segment_id,
    l.seq,
    l.received_at,
    l.uuid_ts,
    g.timestamp
FROM acme.id_graph AS g
LEFT JOIN latest AS l ON l.segment_id = g.segment_id;
GO
