-- One row for every profile id: where it points now, with the landed row that decided.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;

-- A run that was cut off between two names: the old rows are back in place.
IF OBJECT_ID('acme.merges', 'U') IS NULL AND OBJECT_ID('acme.idgraph_old_merges', 'U') IS NOT NULL
    RENAME OBJECT acme.idgraph_old_merges TO merges;

IF OBJECT_ID('acme.merges', 'U') IS NULL
CREATE TABLE acme.merges (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    segment_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    seq                  varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    received_at          datetime2(7),
    uuid_ts              datetime2(7),
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);

IF OBJECT_ID('tempdb..#merges_built') IS NOT NULL
    DROP TABLE #merges_built;

CREATE TABLE #merges_built
WITH (DISTRIBUTION = HASH (segment_id), HEAP)
AS
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

-- Filled beside the table and put in its place: readers see the old rows or the new ones, and for the moment between two
-- names none. Grants go with the old table: give them on the schema.
IF OBJECT_ID('acme.idgraph_next_merges', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_next_merges;

IF OBJECT_ID('acme.idgraph_old_merges', 'U') IS NOT NULL
    DROP TABLE acme.idgraph_old_merges;

CREATE TABLE acme.idgraph_next_merges (
    canonical_segment_id varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    segment_id           varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    seq                  varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    received_at          datetime2(7),
    uuid_ts              datetime2(7),
    timestamp            datetime2(7)
)
WITH (DISTRIBUTION = HASH (segment_id), CLUSTERED COLUMNSTORE INDEX);

INSERT INTO acme.idgraph_next_merges (
    canonical_segment_id,
    segment_id,
    seq,
    received_at,
    uuid_ts,
    timestamp
)
SELECT
    new.canonical_segment_id,
    new.segment_id,
    new.seq,
    new.received_at,
    new.uuid_ts,
    new.timestamp
FROM #merges_built AS new;

RENAME OBJECT acme.merges TO idgraph_old_merges;
RENAME OBJECT acme.idgraph_next_merges TO merges;

DROP TABLE acme.idgraph_old_merges;
