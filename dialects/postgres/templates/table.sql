--% include 'create.sql'

--% include 'lock.sql'

--% if is_incremental
-- How far the landed tables are read, noted before they are.
CREATE TEMPORARY TABLE {{ window }} ON COMMIT DROP AS
--% include 'window.sql'

--% endif
--% if steps
{{ steps }}

--% endif
--% if is_new
--% include 'insert_into.sql'
{{ query }};
--% else
CREATE TEMPORARY TABLE {{ built }} ON COMMIT DROP AS
{{ query }};

-- Only rows that differ are written: the table keeps its grants, its views and most of its pages.
DELETE FROM {{ table.name }} AS old
WHERE NOT EXISTS (
--% include 'same_row.sql'
);

--% include 'insert_new.sql'

--% include 'only_once.sql'
--% endif

-- What reads it next is planned with its size, not a guess.
ANALYZE {{ table.name }};
--% if is_incremental

--% include 'read_to_here.sql'
--% endif

--% include 'lookups.sql'
