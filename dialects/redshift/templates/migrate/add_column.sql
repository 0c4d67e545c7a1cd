--% if is_landed
-- There is no ADD COLUMN IF NOT EXISTS here: leave this out where Segment has added it meanwhile.
--% endif
ALTER TABLE {{ table.name }} ADD COLUMN {{ column.name }} {{ column.type }};
--% include 'migrate/comment_column.sql'
