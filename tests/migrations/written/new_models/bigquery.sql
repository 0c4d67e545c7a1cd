-- 0002 new models
--
--   new model identifiers
--   new model merges
--
-- Written by `idgraph migrate new` for BigQuery.
-- Its statements run one by one.
-- idgraph: no-transaction

-- identifiers is new. One row for every external id, with the landed row that decided.
CREATE TABLE IF NOT EXISTS acme.identifiers (
    canonical_segment_id STRING    OPTIONS (description = 'The profile after all merges'),
    type                 STRING    OPTIONS (description = 'Kind of the external id'),
    value                STRING    OPTIONS (description = 'The external id'),
    seq                  STRING    OPTIONS (description = 'seq of the landed row that decided'),
    received_at          TIMESTAMP OPTIONS (description = 'When Segment received that row'),
    uuid_ts              TIMESTAMP OPTIONS (description = 'When Segment\'s connector last processed that row'),
    timestamp            TIMESTAMP OPTIONS (description = 'When that row\'s event happened')
)
CLUSTER BY value
OPTIONS (description = 'One row for every external id, with the landed row that decided. Built by idgraph.', labels = [('built_by', 'idgraph')]);

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
MERGE INTO acme.identifiers AS old
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
        l.external_id_type AS type,
        l.external_id_value AS value,
        l.seq,
        l.received_at,
        l.uuid_ts,
        l.timestamp
    FROM latest AS l
) AS built
ON FALSE
WHEN NOT MATCHED BY SOURCE THEN
    DELETE
WHEN NOT MATCHED THEN
    INSERT (
        canonical_segment_id,
        type,
        value,
        seq,
        received_at,
        uuid_ts,
        timestamp
    )
    VALUES (
        built.canonical_segment_id,
        built.type,
        built.value,
        built.seq,
        built.received_at,
        built.uuid_ts,
        built.timestamp
    );

-- merges is new. One row for every profile id: where it points now, with the landed row that decided.
CREATE OR REPLACE VIEW acme.merges (
    canonical_segment_id OPTIONS (description = 'The profile after all merges'),
    segment_id           OPTIONS (description = 'A profile id, merged away or not'),
    seq                  OPTIONS (description = 'seq of the landed row that decided'),
    received_at          OPTIONS (description = 'When Segment received that row'),
    uuid_ts              OPTIONS (description = 'When Segment\'s connector last processed that row'),
    timestamp            OPTIONS (description = 'When that row\'s event happened')
)
OPTIONS (description = 'One row for every profile id: where it points now, with the landed row that decided. Built by idgraph.', labels = [('built_by', 'idgraph')])
AS
-- The latest entry of each profile: the landed row that decided where it points.
WITH latest AS (
    SELECT
        u.segment_id,
        u.seq,
        u.received_at,
        u.uuid_ts
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
    ) = 1
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
