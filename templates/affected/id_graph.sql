WITH
--% include 'affected/named.sql'
-- And all that belong to the same profile as one of them: their way may lead through it.
together AS (
    SELECT n.segment_id
    FROM named AS n

    UNION ALL

    SELECT member.segment_id
    FROM named AS n
    JOIN {{ table.name }} AS own ON own.segment_id = n.segment_id
    JOIN {{ table.name }} AS member ON member.canonical_segment_id = own.canonical_segment_id

--% include 'affected/together.sql'
