--# What this refresh reads, as `window.sql` found it: a value of it.
--% macro read(window, name)
(SELECT w.{{ name }} FROM {{ window }} AS w)
--% endmacro

--# Until when to read all that landed: NULL where the project has gained no trait.
--% macro history(window)
(SELECT w.own_until FROM {{ window }} AS w WHERE w.new_traits > 0)
--% endmacro
