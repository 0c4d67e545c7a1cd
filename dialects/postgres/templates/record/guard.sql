-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass({{ table.name | text }}) AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass({{ table.name | text }}) IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM {{ objects }} AS o
    WHERE o.schema_name = {{ table.schema_literal }}
      AND o.object_name = {{ table.literal }}
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass({{ table.name | text }}) AS oid) AS text)
);
