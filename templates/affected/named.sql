--% from 'macros/since.sql' import since
-- Profiles named by graph entries that landed since, each once.
named AS (
    SELECT DISTINCT both_ends.segment_id
    FROM (
        SELECT {{ 'u.segment_id' | exact_column }}
        FROM {{ landed.id_graph_updates }} AS u
        WHERE u.segment_id IS NOT NULL
          AND {{ since('graph', window) | trim | indent(10) }}

        UNION ALL

        SELECT {{ 'u.canonical_segment_id' | exact_column }}
        FROM {{ landed.id_graph_updates }} AS u
        WHERE u.segment_id IS NOT NULL
          AND u.canonical_segment_id IS NOT NULL
          AND {{ since('graph', window) | trim | indent(10) }}
    ) AS both_ends
),
