-- 0002 table to view
--
--   external_id_mapping is a view now, and was a table
--   other indexes of external_id_mapping
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- external_id_mapping is to be a view: the table makes room for it.
-- idgraph: destructive acme.external_id_mapping
DROP TABLE acme.external_id_mapping;

-- Changes

-- external_id_mapping, made anew.
-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.external_id_mapping') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.external_id_mapping') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'external_id_mapping'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.external_id_mapping') AS oid) AS text)
);

CREATE OR REPLACE VIEW acme.external_id_mapping AS
WITH
-- The latest landed row of each external id decides who holds it.
decisive AS (
    SELECT
        l.external_id_type COLLATE "default" AS external_id_type,
        l.external_id_value COLLATE "default" AS external_id_value,
        l.external_id_hash,
        l.segment_id COLLATE "default" AS segment_id,
        l.seq COLLATE "default" AS seq,
        l.received_at,
        l.uuid_ts,
        l.timestamp,
        l.id COLLATE "default" AS id
    FROM (
        -- By bytes from the start: a column and the same by bytes would both be sorted along.
        SELECT DISTINCT ON (u.external_id_type COLLATE "C", u.external_id_value COLLATE "C")
            u.external_id_type COLLATE "C" AS external_id_type,
            u.external_id_value COLLATE "C" AS external_id_value,
            u.external_id_hash,
            u.segment_id COLLATE "C" AS segment_id,
            u.seq COLLATE "C" AS seq,
            u.received_at,
            u.uuid_ts,
            u.timestamp,
            u.id COLLATE "C" AS id
        FROM acme.external_id_mapping_updates AS u
        WHERE u.external_id_type IS NOT NULL
          AND u.external_id_value IS NOT NULL
          AND u.segment_id IS NOT NULL
        ORDER BY
            u.external_id_type COLLATE "C",
            u.external_id_value COLLATE "C",
            u.timestamp DESC NULLS LAST,
            u.seq COLLATE "C" DESC NULLS LAST,
            u.uuid_ts DESC NULLS LAST,
            u.id COLLATE "C" DESC NULLS LAST,
            u.segment_id COLLATE "C" DESC NULLS LAST
    ) AS l
),
latest AS (
    SELECT
        d.*,
        coalesce(g.canonical_segment_id, d.segment_id) AS canonical_segment_id
    FROM decisive AS d
    LEFT JOIN acme.id_graph AS g ON g.segment_id = d.segment_id
)
SELECT
    l.canonical_segment_id,
    l.external_id_type,
    l.external_id_value,
    coalesce(l.external_id_hash, encode(
        public.digest(convert_to(l.external_id_type || l.external_id_value, 'UTF8'), 'sha1'::text),
        'hex'
    )) AS external_id_hash,
    l.timestamp
FROM latest AS l;

-- Into the record, with the identity that the catalog gave it.
MERGE INTO acme.idgraph_objects AS o
USING (
    SELECT
        'acme' AS schema_name,
        'external_id_mapping' AS object_name,
        CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
        CAST(c.oid AS text) AS object_id
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = pg_catalog.to_regclass('acme.external_id_mapping')
      AND pg_catalog.pg_get_userbyid(c.relowner) = CURRENT_USER
) AS made
ON o.schema_name = made.schema_name
  AND o.object_name = made.object_name
WHEN MATCHED AND o.object_id <> made.object_id THEN
    UPDATE SET
        kind = made.kind,
        object_id = made.object_id,
        made_at = clock_timestamp()
WHEN NOT MATCHED THEN
    INSERT (schema_name, object_name, kind, object_id, made_at)
    VALUES (made.schema_name, made.object_name, made.kind, made.object_id, clock_timestamp());

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
        ('acme.external_id_mapping_updates', ARRAY[
            'id', 'segment_id', 'external_id_type', 'external_id_value',
            'external_id_hash', 'triggering_event_type', 'triggering_event_id', 'triggering_event_name',
            'triggering_event_source_id', 'triggering_event_source_name', 'triggering_event_source_slug', 'seq',
            'received_at', 'uuid_ts', 'timestamp'
        ])
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

COMMENT ON VIEW acme.external_id_mapping IS 'One row for every external id: the profile that holds it now. Built by idgraph.';
COMMENT ON COLUMN acme.external_id_mapping.canonical_segment_id IS 'The profile after all merges';
COMMENT ON COLUMN acme.external_id_mapping.external_id_type     IS 'Kind of the external id';
COMMENT ON COLUMN acme.external_id_mapping.external_id_value    IS 'The external id';
COMMENT ON COLUMN acme.external_id_mapping.external_id_hash     IS 'SHA-1 of type followed by value, in lower-case hex';
COMMENT ON COLUMN acme.external_id_mapping.timestamp            IS 'When the profile was last seen with it';
