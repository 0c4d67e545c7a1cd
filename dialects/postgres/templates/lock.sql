-- One writer at a time, and nobody's trigger comes upon what is written; readers go on, and see the rows of before until COMMIT.
LOCK TABLE {{ table.name }}{{ ", " ~ watermarks if is_incremental }} IN SHARE ROW EXCLUSIVE MODE;
--% if reads

-- Landed columns keep their types until then.
LOCK TABLE {{ reads | map(attribute='name') | join(', ') }} IN ACCESS SHARE MODE;
--% endif

--% include 'record/guard.sql'

--% with written = [objects, table.name] + ([watermarks] if is_incremental else [])
--% include 'record/code.sql'
--% endwith
--% include 'record/alike.sql'
--% include 'record/digest.sql'
