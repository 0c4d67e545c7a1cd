--% from 'macros/latest.sql' import latest
-- The latest landed row of each external id decides who holds it.
WITH latest AS (
    {{ latest(
        columns = [
            ['u.segment_id', 'segment_id'],
            ['u.external_id_type', 'external_id_type'],
            ['u.external_id_value', 'external_id_value'],
            ['u.seq', 'seq'],
            ['u.received_at', 'received_at'],
            ['u.uuid_ts', 'uuid_ts'],
            ['u.timestamp', 'timestamp'],
        ],
        from  = landed.external_id_mapping_updates,
        where = 'u.external_id_type IS NOT NULL\n  AND u.external_id_value IS NOT NULL\n  AND u.segment_id IS NOT NULL' ~ ('\n  AND EXISTS (SELECT 1 FROM ' ~ affected ~ ' AS a WHERE a.external_id_value = u.external_id_value AND a.external_id_type = u.external_id_type)' if affected else ''),
        each  = ['external_id_type', 'external_id_value'],
        order = later.external_id_mapping_updates,
    ) | trim | indent(4) }}
)
SELECT
    coalesce(g.canonical_segment_id, l.segment_id) AS canonical_segment_id,
    l.external_id_type AS type,
    l.external_id_value AS value,
    l.seq,
    l.received_at,
    l.uuid_ts,
    l.timestamp
FROM latest AS l
LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = l.segment_id
