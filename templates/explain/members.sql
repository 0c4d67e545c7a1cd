SELECT
    m.segment_id,
    m.canonical_segment_id,
    m.timestamp
FROM {{ members }} AS m
ORDER BY
    {{ sql.ascending(x=sql.by_bytes(x='m.segment_id')) }};
