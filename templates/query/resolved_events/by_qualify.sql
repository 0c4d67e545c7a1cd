--% from 'macros/shown.sql' import shown
--% from 'macros/later.sql' import latest_first
SELECT
    coalesce(g.canonical_segment_id, {{ 'e.segment_id' | exact }}) AS canonical_segment_id,
--% for column in reads.columns
    {{ shown(column) | trim }}{{ "," if not loop.last }}
--% endfor
FROM {{ reads.name }} AS e
LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = {{ 'e.segment_id' | exact }}
--# Some warehouses want a WHERE before QUALIFY.
WHERE TRUE
-- A row that landed twice is one event: the later copy.
QUALIFY e.id IS NULL
    OR row_number() OVER (
        PARTITION BY {{ 'e.id' | exact }}
        ORDER BY
            {{ latest_first('e', reads.later | rejectattr('name', 'eq', 'id')) | trim | indent(12) }}
    ) = 1
