--% if pgcrypto is defined and (pgcrypto ~ '.digest(') in (query ~ steps)

-- The function that is called must be the extension's, and none that others made in its place: else this ends here.
SELECT CAST(
    {{ (pgcrypto ~ '.digest(bytea, text) is no function of the extension pgcrypto in ') | text }} || pg_catalog.current_database() AS integer
) AS nothing
FROM pg_catalog.pg_roles AS me
WHERE me.rolname = CURRENT_USER
  AND NOT EXISTS (
    SELECT 1
    FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_roles AS owner
        ON owner.oid = p.proowner
    JOIN pg_catalog.pg_depend AS d
        ON d.classid = CAST('pg_catalog.pg_proc' AS regclass)
        AND d.objid = p.oid
        AND d.refclassid = CAST('pg_catalog.pg_extension' AS regclass)
        AND d.deptype = 'e'
    JOIN pg_catalog.pg_extension AS e
        ON e.oid = d.refobjid
        AND e.extname = 'pgcrypto'
    WHERE p.oid = pg_catalog.to_regprocedure({{ (pgcrypto ~ '.digest(bytea, text)') | text }})
      AND (
--% include 'record/trusted.sql'
    )
);
--% endif
