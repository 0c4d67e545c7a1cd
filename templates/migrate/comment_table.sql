COMMENT ON {{ 'VIEW' if is_view else 'TABLE' }} {{ table.name }} IS {{ table.comment }};
