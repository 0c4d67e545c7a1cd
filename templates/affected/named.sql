--% from 'macros/since.sql' import since
-- Profiles named by graph entries that landed since, each once.
named AS (
<<<<<<< HEAD
    SELECT DISTINCT both_ends.segment_id
    FROM (
        SELECT u.segment_id
        FROM {{ landed.id_graph_updates }} AS u
        WHERE u.segment_id IS NOT NULL
          AND {{ since('graph', window) | trim | indent(10) }}
=======
    SELECT DISTINCT {{ 'u.segment_id' | exact_column }}
    FROM {{ landed.id_graph_updates }} AS u
    WHERE u.segment_id IS NOT NULL
      AND {{ since('graph', window) | trim | indent(6) }}
>>>>>>> main

        UNION ALL

<<<<<<< HEAD
        SELECT u.canonical_segment_id
        FROM {{ landed.id_graph_updates }} AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND {{ since('graph', window) | trim | indent(10) }}
    ) AS both_ends
=======
    SELECT DISTINCT {{ 'u.canonical_segment_id' | exact_column }}
    FROM {{ landed.id_graph_updates }} AS u
    WHERE u.segment_id IS NOT NULL
      AND u.canonical_segment_id IS NOT NULL
      AND {{ since('graph', window) | trim | indent(6) }}
>>>>>>> main
),
