--% from 'macros/window.sql' import read
--# Where the catalog tells columns apart.
-- A key's column that others dropped and added again is NULL: nothing finds such rows.
DELETE FROM {{ table.name }}
WHERE {{ sql.is_true(x=read(window, 'is_first') | trim) }}
  AND ({% for column in table.key %}{{ column }} IS NULL{{ " OR " if not loop.last }}{% endfor %});
