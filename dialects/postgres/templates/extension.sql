-- For digest(): Postgres itself has no SHA-1.
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA {{ pgcrypto }};

-- It may have been there already, in another schema: then a function of that name in this one is not the extension's.
SELECT CAST('pgcrypto is in the schema ' || n.nspname || ': say so under extensions in the dialect' AS integer) AS nothing
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = e.extnamespace
WHERE e.extname = 'pgcrypto'
  AND n.oid <> CAST({{ pgcrypto | text }} AS pg_catalog.regnamespace);
