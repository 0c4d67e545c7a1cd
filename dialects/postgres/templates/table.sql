--% include 'lock.sql'

--% if is_incremental
-- Noted before they are read.
--% include 'read_to_here.sql'

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

--% include 'lookups.sql'
