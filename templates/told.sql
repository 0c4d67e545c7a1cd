--# For `begin_anew.sql`: the profiles that landed rows lead to.
-- All that belong to the same profile as what landed since names, or ever pointed to.
SELECT DISTINCT member.segment_id
FROM (
    SELECT n.segment_id
    FROM {{ affected }} AS n
    WHERE n.is_named = 1

    UNION ALL

    SELECT {{ 'u.canonical_segment_id' | exact_column }}
    FROM {{ affected }} AS n
    JOIN {{ landed.id_graph_updates }} AS u
        ON {{ 'u.segment_id' | exact }} = n.segment_id
    WHERE n.is_named = 1
) AS named
JOIN {{ built }} AS own
    ON own.segment_id = named.segment_id
JOIN {{ built }} AS member
    ON member.canonical_segment_id = own.canonical_segment_id
--% if can.merge
WHERE NOT own.{{ gone }}
  AND NOT member.{{ gone }}
--% endif
;
