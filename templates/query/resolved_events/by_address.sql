--% from 'macros/shown.sql' import shown
SELECT
    coalesce(g.canonical_segment_id, {{ 'e.segment_id' | exact }}) AS canonical_segment_id,
--% for column in reads.columns
    {{ shown(column) | trim }}{{ "," if not loop.last }}
--% endfor
FROM {{ reads.name }} AS e
LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = {{ 'e.segment_id' | exact }}
-- A row that landed twice is one event: the later copy. Not a window function, which would number the
-- whole table before any condition of the reader's applies.
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ reads.name }} AS again
    WHERE again.id = {{ 'e.id' | exact }}
      AND (
--% for column in reads.later | rejectattr('name', 'eq', 'id')
        {{ sql.never_null(x='again.' ~ column.name, type=column.logical_type) }},
--% endfor
        {{ sql.row_address(of='again') }}
      ) > (
--% for column in reads.later | rejectattr('name', 'eq', 'id')
        {{ sql.never_null(x='e.' ~ column.name, type=column.logical_type) }},
--% endfor
        {{ sql.row_address(of='e') }}
      )
)
