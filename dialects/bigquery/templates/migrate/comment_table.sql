ALTER {{ 'VIEW' if is_view else 'TABLE' }} {{ table.name }} SET OPTIONS (description = {{ table.comment }});
