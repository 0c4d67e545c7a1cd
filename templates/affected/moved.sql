--% include 'affected/named.sql'
-- All that belong to the same profile as one of them now: those that moved are among these.
moved AS (
    SELECT n.segment_id
    FROM named AS n

    UNION ALL

    SELECT member.segment_id
    FROM named AS n
    JOIN {{ models.id_graph }} AS own ON own.segment_id = n.segment_id
    JOIN {{ models.id_graph }} AS member ON member.canonical_segment_id = own.canonical_segment_id
),
