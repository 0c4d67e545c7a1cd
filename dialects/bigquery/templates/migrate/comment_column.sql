ALTER {{ 'VIEW' if is_view else 'TABLE' }} {{ table.name }} ALTER COLUMN {{ column.name }} SET OPTIONS (description = {{ column.comment }});
