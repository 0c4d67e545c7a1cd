--# The segments of the profile: $1 is its canonical one, $2 a list of them all in JSON, $3 when the latest of them was merged:
--# an empty text where none was.
--% from 'macros/cte.sql' import cte
--% set given
SELECT
    s.value AS segment_id,
    CAST($1 AS {{ types.varchar }}) AS canonical_segment_id,
    CAST(nullif(CAST($3 AS {{ types.varchar }}), '') AS {{ types.timestamp }}) AS timestamp
FROM {{ sql.json_texts(x='CAST($2 AS ' ~ types.varchar ~ ')') }} AS s
--% endset
{{ cte(segments, given) | trim }}
