-- One row for every profile id: where it points now, with the landed row that decided.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the workspace or the user has set.
SET TIME ZONE 'UTC';

CREATE TABLE IF NOT EXISTS acme.merges (
    canonical_segment_id string    COMMENT 'The profile after all merges',
    segment_id           string    COMMENT 'A profile id, merged away or not',
    seq                  string    COMMENT 'seq of the landed row that decided',
    received_at          timestamp COMMENT 'When Segment received that row',
    uuid_ts              timestamp COMMENT 'When Segment\'s connector last processed that row',
    timestamp            timestamp COMMENT 'When that row\'s event happened'
)
CLUSTER BY (segment_id, canonical_segment_id)
COMMENT 'One row for every profile id: where it points now, with the landed row that decided. Built by idgraph.';

-- All rows at once, in one statement: readers see the old ones or the new ones, and the table keeps its grants.
INSERT OVERWRITE TABLE acme.merges (
    canonical_segment_id,
    segment_id,
    seq,
    received_at,
    uuid_ts,
    timestamp
)
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
            u.timestamp DESC NULLS LAST,
            u.seq DESC NULLS LAST,
            u.uuid_ts DESC NULLS LAST,
            u.id DESC NULLS LAST,
            u.canonical_segment_id DESC NULLS LAST
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
