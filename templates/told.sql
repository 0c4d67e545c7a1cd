--# For `begin_anew.sql`: the profiles that landed rows lead to.
-- All that belong to the same profile as what landed since names (1), or as what that ever pointed to (0).
SELECT
    member.segment_id,
    profile.is_named
FROM {{ built }} AS member
JOIN (
    SELECT
        own.canonical_segment_id,
        max(t.is_named) AS is_named
    FROM (
        SELECT
            n.segment_id,
            1 AS is_named
        FROM {{ affected }} AS n
        WHERE n.is_named = 1

        UNION ALL

        SELECT
            {{ 'u.canonical_segment_id' | exact_column }},
            0
        FROM {{ affected }} AS n
        JOIN {{ landed.id_graph_updates }} AS u
            ON {{ 'u.segment_id' | exact }} = n.segment_id
        WHERE n.is_named = 1
    ) AS t
    JOIN {{ built }} AS own
        ON  own.segment_id = t.segment_id
--% if can.merge
        AND NOT own.{{ gone }}
--% endif
    GROUP BY own.canonical_segment_id
) AS profile
    ON profile.canonical_segment_id = member.canonical_segment_id{{ "\nWHERE NOT member." ~ gone if can.merge }};
