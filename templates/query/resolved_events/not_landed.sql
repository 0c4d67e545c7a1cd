-- Segment has not landed this table yet: no rows.
SELECT
    CAST(NULL AS {{ types.varchar }}) AS canonical_segment_id{{ "," if reads.columns }}
--% for column in reads.columns
    CAST(NULL AS {{ column.type }}) AS {{ column.name }}{{ "," if not loop.last }}
--% endfor
WHERE 1 = 0
