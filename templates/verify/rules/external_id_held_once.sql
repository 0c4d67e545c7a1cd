SELECT
    m.external_id_type,
    m.external_id_value
FROM {{ stands.external_id_mapping }} AS m
GROUP BY
    m.external_id_type,
    m.external_id_value
HAVING count(*) > 1
