--# Whether row `u` landed in the window that this refresh reads. A row without a load time is read every time.
--# BETWEEN, not >=: it tells the planner that few rows match.
--% macro since(source, window)
(
    u.{{ load_time }} BETWEEN (SELECT w.{{ source }}_since FROM {{ window }} AS w)
                          AND (SELECT w.{{ source }}_until FROM {{ window }} AS w)
    OR u.{{ load_time }} IS NULL
)
--% endmacro
