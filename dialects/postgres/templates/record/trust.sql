-- The record is believed where it is a table of this user's, of a role that the user was made a member of, or of a superuser.
SELECT CAST(CAST(pg_catalog.to_regclass({{ objects | text }}) AS text) || ' belongs to ' || owner.rolname || ', and idgraph did not make it' AS integer) AS nothing
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_roles AS owner
    ON owner.oid = c.relowner
JOIN pg_catalog.pg_roles AS me
    ON me.rolname = CURRENT_USER
WHERE c.oid = pg_catalog.to_regclass({{ objects | text }})
  AND NOT (
    c.relkind = 'r'
    AND (
--% include 'record/trusted.sql'
    )
);
