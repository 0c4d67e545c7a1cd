-- The canonical profile's external ids as they stand.
SELECT
    x.external_id_type,
    x.external_id_value
FROM {{ stands.external_id_mapping }} AS x
WHERE x.canonical_segment_id = $1
ORDER BY
    {{ sql.ascending(x=sql.by_bytes(x='x.external_id_type')) }},
    {{ sql.ascending(x=sql.by_bytes(x='x.external_id_value')) }};
