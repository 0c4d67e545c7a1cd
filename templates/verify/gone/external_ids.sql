--% set value = affected_on[0][0]
--% set type = affected_on[1][0]
-- External ids that no landed row has.
SELECT
    b.{{ value }},
    b.{{ type }},
    count(*) AS standing
FROM (
    SELECT
        kept.{{ value }},
        kept.{{ type }},
        1 AS is_kept
    FROM {{ table.name }} AS kept
    WHERE kept.{{ value }} IS NOT NULL
      AND kept.{{ type }} IS NOT NULL

    UNION ALL

    SELECT
        {{ 'u.external_id_value' | exact }},
        {{ 'u.external_id_type' | exact }},
        0
    FROM {{ landed.external_id_mapping_updates }} AS u
    WHERE u.segment_id IS NOT NULL
      AND u.external_id_value IS NOT NULL
      AND u.external_id_type IS NOT NULL
) AS b
GROUP BY
    b.{{ value }},
    b.{{ type }}
HAVING min(b.is_kept) = 1
