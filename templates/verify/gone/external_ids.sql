-- External ids that no landed row has.
SELECT
    kept.{{ affected_on[0][0] }},
    kept.{{ affected_on[1][0] }}
FROM {{ table.name }} AS kept
LEFT JOIN {{ landed.external_id_mapping_updates }} AS u
    ON  {{ 'u.external_id_value' | exact }} = kept.{{ affected_on[0][0] }}
    AND {{ 'u.external_id_type' | exact }} = kept.{{ affected_on[1][0] }}
    AND u.segment_id IS NOT NULL
WHERE u.external_id_value IS NULL
  AND kept.{{ affected_on[0][0] }} IS NOT NULL
  AND kept.{{ affected_on[1][0] }} IS NOT NULL
