--% include 'lock.sql'

-- Few rows of large tables are looked up. As it comes, the planner takes a page out of order for four in order, as on a
-- disk that turns, and reads whole tables for a hundredth of their rows.
SET LOCAL random_page_cost = 1.1;

CREATE TEMPORARY TABLE {{ window }} ON COMMIT DROP AS
--% include 'window.sql'

CREATE TEMPORARY TABLE {{ affected }} ON COMMIT DROP AS
--% include affected_query

-- Without statistics the planner takes a new table for a big one, and reads whole tables where a few rows would do.
ANALYZE {{ affected }};

--% if steps
{{ steps }}

--% endif
CREATE TEMPORARY TABLE {{ built }} ON COMMIT DROP AS
{{ query }};

ANALYZE {{ built }} ({{ table.key | join(', ') }});

--% if is_graph
CREATE TEMPORARY TABLE {{ told }} ON COMMIT DROP AS
--% include 'told.sql'

ANALYZE {{ told }};

--% include 'begin_anew.sql'

--% endif
--% include 'without_key.sql'

--% if affected_on | length == table.key | length
--% include 'merge_affected.sql'
--% else
--% include 'delete_and_insert.sql'
--% endif

--% include 'read_to_here.sql'
