--# What this refresh reads, as `window.sql` found it: a value of it.
--% macro read(window, name)
(SELECT w.{{ name }} FROM {{ window }} AS w)
--% endmacro

--# Until when to read all that landed: NULL where the project has gained no trait.
--% macro history(window)
(SELECT w.own_until FROM {{ window }} AS w WHERE w.new_traits > 0)
--% endmacro

--# How far a landed table has been read by the end of this refresh.
--% macro read_to(source, window)
(
    SELECT max(u.{{ load_time }})
    FROM {{ source.name }} AS u
    WHERE u.{{ load_time }} <= {{ sql.now() }}
--% if window and not can.one_snapshot
      AND u.{{ load_time }} <= {{ read(window, source.role ~ '_until') | trim }}
--% endif
)
--% endmacro
