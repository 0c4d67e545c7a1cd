--# As the base's, short enough for one line.
--% from 'macros/window.sql' import read
--% macro since(source, window)
(
    u.{{ load_time }} BETWEEN {{ read(window, source ~ '_since') | trim }} AND {{ read(window, source ~ '_until') | trim }}
    OR u.{{ load_time }} IS NULL
)
--% endmacro
