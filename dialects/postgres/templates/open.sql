--% if makes and not filled
-- First the table is made, in a transaction of its own: what is not there cannot be locked.
BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;
--% elif filled
-- The rest of the file is one transaction and reads one snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;
--% else
-- The whole file is one transaction and reads one snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;
--% endif

--% include 'session.sql'
--% if locks

-- One writer at a time, `idgraph refresh` included; readers do not wait. The first query takes the snapshot, so the lock
-- comes before it.
LOCK TABLE {{ objects }} IN SHARE ROW EXCLUSIVE MODE;
--% if not filled

--% include 'record/trust.sql'

--% with written = [objects], reads = []
--% include 'record/code.sql'
--% endwith
--% endif
--% endif
