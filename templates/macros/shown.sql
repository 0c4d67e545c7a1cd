--# A column of a landed table `e` as a view of it shows it: always of the same type, whether or not it has landed, since not every
--# warehouse gives a column of a view another.
--% macro shown(column)
--% if column.is_absent
CAST(NULL AS {{ column.type }}) AS {{ column.name }}
--% elif column.is_cast
CAST(e.{{ column.name }} AS {{ column.type }}) AS {{ column.name }}
--% else
e.{{ column.name }}
--% endif
--% endmacro
