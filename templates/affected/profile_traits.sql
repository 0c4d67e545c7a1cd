--% from 'macros/since.sql' import since
WITH
--% include 'affected/named.sql'
touched AS (
    SELECT n.segment_id
    FROM named AS n

    UNION ALL

    -- What their entries ever pointed to: a profile that they left has other traits now.
    SELECT u.canonical_segment_id
    FROM {{ landed.id_graph_updates }} AS u
    WHERE u.canonical_segment_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM named AS n WHERE n.segment_id = u.segment_id)

    UNION ALL

    SELECT u.segment_id
    FROM {{ traits_from.name }} AS u
    WHERE u.segment_id IS NOT NULL
      AND {{ since('own', window) | trim | indent(6) }}
),
together AS (
    SELECT t.segment_id
    FROM touched AS t

    UNION ALL

    SELECT member.segment_id
    FROM touched AS t
    JOIN {{ models.id_graph }} AS own ON own.segment_id = t.segment_id
    JOIN {{ models.id_graph }} AS member ON member.canonical_segment_id = own.canonical_segment_id

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT old.canonical_segment_id
    FROM {{ table.name }} AS old
    WHERE (SELECT w.is_first FROM {{ window }} AS w)
)
SELECT DISTINCT t.segment_id
FROM together AS t;
