-- What Snowflake has and fakesnow 0.12.1 does not: nothing in the suite shows that these work. One that fakesnow learns
-- fails the suite, so that it is used from then on. `known_a` and `known_b` are tables that are there.

-- A stream holds what has changed in a table.
CREATE STREAM known_changes ON TABLE known_a;
-- A task runs a statement by the clock.
CREATE TASK known_task WAREHOUSE = some_warehouse SCHEDULE = '60 MINUTE' AS SELECT 1;
-- CREATE DYNAMIC TABLE makes a plain table, which nothing refreshes.
ALTER DYNAMIC TABLE known_a REFRESH;
-- There are no roles, so that grants kept by COPY GRANTS cannot be seen.
GRANT SELECT ON TABLE known_a TO ROLE known_reader;
-- Two tables cannot change places.
ALTER TABLE known_a SWAP WITH known_b;
-- A temporary table stands in no schema.
CREATE OR REPLACE TEMPORARY TABLE known_schema.known_c AS SELECT 1 AS one;
-- Snowflake Scripting.
EXECUTE IMMEDIATE $$ BEGIN RETURN 1; END $$;
