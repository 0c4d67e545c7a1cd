-- The whole file is one transaction and reads one snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;

--% include 'session.sql'
--% if locks

-- One writer at a time, `idgraph refresh` included; readers do not wait. The first query takes the snapshot, so the lock
-- comes before it.
LOCK TABLE {{ objects }} IN SHARE ROW EXCLUSIVE MODE;

--% include 'record/trust.sql'
--% endif
