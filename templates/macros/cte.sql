--# A common table expression that is computed once, whatever the planner thinks of its size.
--% macro cte(name, query)
{{ name }} AS (
    {{ query | trim | indent(4) }}
)
--% endmacro
