-- What the models stand in.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- The whole file is one transaction.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;

-- For this transaction only: names and values mean the same whatever the server, the role or a connection pool has set.
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_encoding = 'UTF8';
SET LOCAL row_security = off;
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL extra_float_digits = 1;
SET LOCAL bytea_output = 'hex';
SET LOCAL array_nulls = on;
SET LOCAL transform_null_equals = off;
SET LOCAL standard_conforming_strings = on;
SET LOCAL quote_all_identifiers = off;
SET LOCAL jit = off;

-- Before 15 there is no MERGE.
SELECT CAST('this server is Postgres ' || pg_catalog.current_setting('server_version') || ', and 15 or later is needed' AS integer) AS nothing
WHERE CAST(pg_catalog.current_setting('server_version_num') AS integer) < 150000;

-- Ids and traits are Unicode.
SELECT CAST('the database keeps text as ' || pg_catalog.current_setting('server_encoding') || ', and UTF8 is needed' AS integer) AS nothing
WHERE pg_catalog.current_setting('server_encoding') <> 'UTF8';

-- One run at a time, `idgraph apply` included: two that make the same name at once would fail.
SELECT pg_catalog.pg_advisory_xact_lock(7527, 0);

-- The record is believed where it is a table of this user's, of a role that the user was made a member of, or of a superuser.
SELECT CAST(CAST(pg_catalog.to_regclass('profiles.idgraph_objects') AS text) || ' belongs to ' || owner.rolname || ', and idgraph did not make it' AS integer) AS nothing
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_roles AS owner
    ON owner.oid = c.relowner
JOIN pg_catalog.pg_roles AS me
    ON me.rolname = CURRENT_USER
WHERE c.oid = pg_catalog.to_regclass('profiles.idgraph_objects')
  AND NOT (
    c.relkind = 'r'
    AND (
        owner.oid = me.oid
        OR owner.rolsuper
        OR (NOT me.rolsuper AND pg_catalog.pg_has_role(owner.oid, 'MEMBER'))
        OR EXISTS (SELECT 1 FROM pg_catalog.pg_auth_members AS m WHERE m.member = me.oid AND m.roleid = owner.oid)
    )
);

CREATE TABLE IF NOT EXISTS profiles.idgraph_objects (
    schema_name text,
    object_name text,
    kind        text,
    object_id   text,
    made_at     timestamp with time zone
);

COMMENT ON TABLE profiles.idgraph_objects IS 'The tables and views that idgraph made. Built by idgraph.';
COMMENT ON COLUMN profiles.idgraph_objects.schema_name IS 'The schema of the table or view';
COMMENT ON COLUMN profiles.idgraph_objects.object_name IS 'Its name';
COMMENT ON COLUMN profiles.idgraph_objects.kind        IS 'table or view';
COMMENT ON COLUMN profiles.idgraph_objects.object_id   IS 'Its identity in the catalog: a table of the same name that others made has another';
COMMENT ON COLUMN profiles.idgraph_objects.made_at     IS 'When idgraph made or adopted it';

-- external_id_hash is computed by digest() of the extension pgcrypto, since Postgres itself has no SHA-1. Where that is not in the
-- schema public, this file ends here.
SELECT CAST(
    coalesce(
        'pgcrypto is in the schema ' || min(CAST(n.nspname AS text)) || ': write that schema as `extensions: { pgcrypto: … }`',
        'pgcrypto is not in this database: CREATE EXTENSION pgcrypto WITH SCHEMA public, or write `extensions: { pgcrypto: none }`'
    ) AS integer
) AS nothing
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = e.extnamespace
WHERE e.extname = 'pgcrypto'
HAVING count(*) FILTER (WHERE n.oid = pg_catalog.to_regnamespace('public')) = 0;

COMMIT;
