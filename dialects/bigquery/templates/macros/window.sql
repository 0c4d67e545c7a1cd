--# What this refresh reads, in the variables of `variables.sql`: BigQuery leaves out partitions by a variable, not by a
--# subquery.
--% macro read(window, name)
{{ variable }}{{ name }}
--% endmacro

--% macro history(window)
{{ variable }}history_until
--% endmacro

--% macro read_to(source, window)
--% if window
{{ variable }}{{ source.role }}_read_to
--% else
(
    SELECT max(u.{{ load_time }})
    FROM {{ source.name }} AS u
    WHERE u.{{ load_time }} <= {{ sql.now() }}
)
--% endif
--% endmacro
