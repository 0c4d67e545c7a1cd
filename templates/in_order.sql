-- New columns stand last, since a view is only replaced by one that begins with the same columns.
SELECT
--% for column in columns
    q.{{ column }}{{ "," if not loop.last }}
--% endfor
FROM (
    {{ query | indent(4) }}
) AS q
