--# What this refresh reads, in the variables of `variables.sql`: BigQuery leaves out partitions by a variable, not by a
--# subquery.
--% macro read(window, name)
{{ variable }}{{ name }}
--% endmacro

--% macro history(window)
{{ variable }}history_until
--% endmacro

--# In its variables, except for the base's templates.
--% macro read_to(source, is_graph)
{{ variable }}{{ source.role }}_read_to
--% endmacro
