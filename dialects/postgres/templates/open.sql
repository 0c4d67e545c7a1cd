--% if makes and not filled
-- First the table is made, in a transaction of its own: what is not there cannot be locked.
BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;
--% elif filled
-- The rest of the file is one transaction and reads one snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;
--% elif not locks
-- The whole file is one transaction.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
--% else
-- The whole file is one transaction and reads one snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;
--% endif

--% include 'session.sql'
--% if not locks

-- Before 15 there is no MERGE.
SELECT CAST('this server is Postgres ' || pg_catalog.current_setting('server_version') || ', and 15 or later is needed' AS integer) AS nothing
WHERE CAST(pg_catalog.current_setting('server_version_num') AS integer) < 150000;

-- Ids and traits are Unicode.
SELECT CAST('the database keeps text as ' || pg_catalog.current_setting('server_encoding') || ', and UTF8 is needed' AS integer) AS nothing
WHERE pg_catalog.current_setting('server_encoding') <> 'UTF8';

-- One run at a time, `idgraph apply` included: two that make the same name at once would fail.
SELECT pg_catalog.pg_advisory_xact_lock(7527, 0);
--% else

-- One writer at a time, `idgraph refresh` included; readers do not wait. The first query takes the snapshot, so the lock
-- comes before it.
LOCK TABLE {{ objects }} IN SHARE ROW EXCLUSIVE MODE;
--% if not filled

--% with written = [objects], reads = []
--% include 'record/code.sql'
--% endwith
--% endif
--% endif
