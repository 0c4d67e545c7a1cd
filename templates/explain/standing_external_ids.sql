SELECT
    x.external_id_type,
    x.external_id_value
FROM {{ stands.external_id_mapping }} AS x
WHERE x.canonical_segment_id IN (SELECT m.canonical_segment_id FROM {{ members }} AS m)
ORDER BY
    {{ sql.ascending(x=sql.by_bytes(x='x.external_id_type')) }},
    {{ sql.ascending(x=sql.by_bytes(x='x.external_id_value')) }};
