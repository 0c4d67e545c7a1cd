-- external_id_hash is computed by digest() of the extension pgcrypto, since Postgres itself has no SHA-1. Where that is not in the
-- schema {{ pgcrypto }}, this file ends here.
SELECT CAST(
    coalesce(
        'pgcrypto is in the schema ' || min(CAST(n.nspname AS text)) || ': write that schema as `extensions: { pgcrypto: … }`',
        {{ ('pgcrypto is not in this database: CREATE EXTENSION pgcrypto WITH SCHEMA ' ~ pgcrypto ~ ', or write `extensions: { pgcrypto: none }`') | text }}
    ) AS integer
) AS nothing
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = e.extnamespace
WHERE e.extname = 'pgcrypto'
HAVING count(*) FILTER (WHERE n.oid = pg_catalog.to_regnamespace({{ pgcrypto | text }})) = 0;
