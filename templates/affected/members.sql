    SELECT member.segment_id
    FROM {{ models.id_graph }} AS member
    WHERE member.canonical_segment_id IN (
        SELECT own.canonical_segment_id
        FROM {{ those }} AS t
        JOIN {{ models.id_graph }} AS own ON own.segment_id = t.segment_id
    )
