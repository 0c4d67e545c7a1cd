--% from 'macros/shown.sql' import shown
-- The ids of its rows have not landed: whether a row landed twice cannot be told.
SELECT
    coalesce(g.canonical_segment_id, {{ 'e.segment_id' | exact }}) AS canonical_segment_id,
--% for column in reads.columns
    {{ shown(column) | trim }}{{ "," if not loop.last }}
--% endfor
FROM {{ reads.name }} AS e
LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = {{ 'e.segment_id' | exact }}
