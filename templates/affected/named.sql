--% from 'macros/since.sql' import since
-- Profiles named by graph entries that landed since.
named AS (
    SELECT DISTINCT {{ 'u.segment_id' | exact_column }}
    FROM {{ landed.id_graph_updates }} AS u
    WHERE u.segment_id IS NOT NULL
      AND {{ since('graph', window) | trim | indent(6) }}

    UNION ALL

    SELECT DISTINCT {{ 'u.canonical_segment_id' | exact_column }}
    FROM {{ landed.id_graph_updates }} AS u
    WHERE u.segment_id IS NOT NULL
      AND u.canonical_segment_id IS NOT NULL
      AND {{ since('graph', window) | trim | indent(6) }}
),
