--% if is_dynamic
ALTER DYNAMIC TABLE {{ table.name }} SET COMMENT = {{ table.comment }};
--% else
--% include 'templates/migrate/comment_table.sql'
--% endif
