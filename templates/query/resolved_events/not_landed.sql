-- Nothing of it has landed yet.
SELECT
    CAST(NULL AS {{ types.varchar }}) AS canonical_segment_id,
--% for column in reads.columns
    CAST(NULL AS {{ column.type }}) AS {{ column.name }}{{ "," if not loop.last }}
--% endfor
--# Not every warehouse takes a WHERE without a FROM.
FROM (SELECT 1 AS one) AS landed
WHERE 1 = 0
