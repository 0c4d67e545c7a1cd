--# A common table expression that is computed once: not written out where it is named.
--% macro cte(name, query)
{{ name }} AS MATERIALIZED (
    {{ query | trim | indent(4) }}
)
--% endmacro
