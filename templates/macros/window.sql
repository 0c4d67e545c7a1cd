--# What this refresh reads, as `window.sql` found it: a value of it.
--% macro read(window, name)
(SELECT w.{{ name }} FROM {{ window }} AS w)
--% endmacro

--# Until when to read all that landed: NULL where the project has gained no trait.
--% macro history(window)
(SELECT w.own_until FROM {{ window }} AS w WHERE w.new_traits > 0)
--% endmacro

--# How far a landed table is read: to the newest row, or to where the graph itself has read it.
--% macro read_to(source, is_graph)
--% if source.role == 'graph' and not is_graph
(SELECT min(w.loaded_until) FROM {{ watermarks }} AS w WHERE w.model = 'id_graph' AND w.landed = {{ source.literal }})
--% else
(SELECT max(u.{{ load_time }}) FROM {{ source.name }} AS u WHERE u.{{ load_time }} <= {{ sql.now() }})
--% endif
--% endmacro
