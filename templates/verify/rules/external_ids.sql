SELECT
    m.canonical_segment_id,
    count(*) AS external_ids
FROM {{ models.external_id_mapping }} AS m
GROUP BY m.canonical_segment_id
HAVING count(*) > {{ bounds.external_ids }}
