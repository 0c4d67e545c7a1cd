--# Whether row `u` landed in the window that this refresh reads. A row without a load time is read every time.
--# BETWEEN, not >=: it tells the planner that few rows match.
--% from 'macros/window.sql' import read
--% macro since(source, window)
(
    u.{{ load_time }} BETWEEN
            {{ read(window, source ~ '_since') | trim }}
        AND {{ read(window, source ~ '_until') | trim }}
    OR u.{{ load_time }} IS NULL
)
--% endmacro
