--% from 'macros/shown.sql' import shown
--% from 'macros/later.sql' import latest_first
SELECT
    coalesce(g.canonical_segment_id, {{ 'e.segment_id' | exact }}) AS canonical_segment_id,
--% for column in reads.columns
    {{ shown(column) | trim }}{{ "," if not loop.last }}
--% endfor
FROM (
    SELECT
        landed.*,
        row_number() OVER (
            PARTITION BY {{ 'landed.id' | exact }}
            ORDER BY
                {{ latest_first('landed', reads.later | rejectattr('name', 'eq', 'id')) | trim | indent(16) }}
        ) AS {{ recency }}
    FROM {{ reads.name }} AS landed
) AS e
LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = {{ 'e.segment_id' | exact }}
-- A row that landed twice is one event: the later copy.
WHERE e.id IS NULL
   OR e.{{ recency }} = 1
