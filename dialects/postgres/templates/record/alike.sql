--# As in src/engine/postgres/preflight.rs.
--% if reads

-- Texts that differ must count as different, or two people whose ids differ by case alone would become one: else this ends here.
SELECT CAST(
    about.name || '.' || a.attname || CASE
        WHEN t.typname = 'citext' THEN ' has the type citext: texts that differ count as the same'
        WHEN n.nspname = 'pg_catalog' THEN ' has a collation that is not deterministic: texts that differ count as the same'
        ELSE ' has the type ' || n.nspname || '.' || t.typname || ', which is not Postgres''s own'
    END AS integer
) AS nothing
FROM (
    VALUES
--% for one in reads
        ({{ one.name | text }}, ARRAY[
--% for few in one.columns | batch(4)
            {{ few | join(', ') }}{{ "," if not loop.last }}
--% endfor
        ]){{ "," if not loop.last }}
--% endfor
) AS about (name, columns)
JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = pg_catalog.to_regclass(about.name)
    AND CAST(a.attname AS text) = ANY (about.columns)
JOIN pg_catalog.pg_type AS t
    ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_collation AS l
    ON l.oid = a.attcollation
WHERE n.nspname <> 'pg_catalog'
   OR NOT l.collisdeterministic;
--% endif
