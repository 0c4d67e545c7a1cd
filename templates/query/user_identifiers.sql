WITH
--% include 'query/parts/latest_external_ids.sql'
SELECT
    l.canonical_segment_id,
    l.external_id_type AS type,
    l.external_id_value AS value,
    l.seq,
    l.received_at,
    l.uuid_ts,
    l.timestamp
FROM latest AS l
