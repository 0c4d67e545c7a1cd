    SELECT 1
    FROM {{ built }} AS new
    WHERE {{ table.key | map('same') | join('\n      AND ') }}
      AND (
--% for column in table.values
        new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
      ) IS NOT DISTINCT FROM (
--% for column in table.values
        old.{{ column.name }}{{ "," if not loop.last }}
--% endfor
      )
