--# For `begin_anew.sql`: the profiles that landed rows lead to.
-- All that belong to the same profile as what landed since names, or ever pointed to.
SELECT member.segment_id
FROM {{ built }} AS member
WHERE member.canonical_segment_id IN (
    SELECT own.canonical_segment_id
    FROM {{ built }} AS own
    WHERE own.segment_id IN (
        SELECT n.segment_id
        FROM {{ affected }} AS n
        WHERE n.is_named = 1

        UNION ALL

        SELECT {{ 'u.canonical_segment_id' | exact_column }}
        FROM {{ affected }} AS n
        JOIN {{ landed.id_graph_updates }} AS u
            ON {{ 'u.segment_id' | exact }} = n.segment_id
        WHERE n.is_named = 1
    )
--% if can.merge
      AND NOT own.{{ gone }}
--% endif
){{ "\n  AND NOT member." ~ gone if can.merge }};
