-- 0002 view to table
--
--   external_id_mapping is a table now, and was a view
--   other indexes of external_id_mapping
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- external_id_mapping is to be a table: the view makes room for it.
-- idgraph: destructive acme.external_id_mapping
DROP VIEW acme.external_id_mapping;

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

CREATE TABLE IF NOT EXISTS acme.external_id_mapping (
    canonical_segment_id text,
    external_id_type     text,
    external_id_value    text,
    external_id_hash     text,
    timestamp            timestamp with time zone
);

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

COMMENT ON TABLE acme.external_id_mapping IS 'One row for every external id: the profile that holds it now. Built by idgraph.';
COMMENT ON COLUMN acme.external_id_mapping.canonical_segment_id IS 'The profile after all merges';
COMMENT ON COLUMN acme.external_id_mapping.external_id_type     IS 'Kind of the external id';
COMMENT ON COLUMN acme.external_id_mapping.external_id_value    IS 'The external id';
COMMENT ON COLUMN acme.external_id_mapping.external_id_hash     IS 'SHA-1 of type followed by value, in lower-case hex';
COMMENT ON COLUMN acme.external_id_mapping.timestamp            IS 'When the profile was last seen with it';

-- One writer at a time, and nobody's trigger comes upon what is written; readers go on, and see the rows of before until COMMIT.
LOCK TABLE acme.external_id_mapping IN SHARE ROW EXCLUSIVE MODE;

-- Landed columns keep their types until then.
LOCK TABLE acme.id_graph_updates, acme.external_id_mapping_updates IN ACCESS SHARE MODE;

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
        ('acme.id_graph_updates', ARRAY[
            'id', 'segment_id', 'canonical_segment_id', 'triggering_event_type',
            'triggering_event_id', 'triggering_event_name', 'triggering_event_source_id', 'triggering_event_source_name',
            'triggering_event_source_slug', 'seq', 'received_at', 'uuid_ts',
            'timestamp'
        ]),
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

CREATE TEMPORARY TABLE external_id_mapping_built ON COMMIT DROP AS
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

-- Only rows that differ are written: the table keeps its grants, its views and most of its pages.
DELETE FROM acme.external_id_mapping AS old
WHERE NOT EXISTS (
    SELECT 1
    FROM external_id_mapping_built AS new
    WHERE new.external_id_type = old.external_id_type
      AND new.external_id_value = old.external_id_value
      AND (
        new.canonical_segment_id,
        new.external_id_hash,
        new.timestamp
      ) IS NOT DISTINCT FROM (
        old.canonical_segment_id,
        old.external_id_hash,
        old.timestamp
      )
);

-- What is new is set aside before it goes in: the table is read as it was, once, and not while it grows.
CREATE TEMPORARY TABLE external_id_mapping_fresh ON COMMIT DROP AS
SELECT
    new.canonical_segment_id,
    new.external_id_type,
    new.external_id_value,
    new.external_id_hash,
    new.timestamp
FROM external_id_mapping_built AS new
WHERE NOT EXISTS (
    SELECT 1
    FROM acme.external_id_mapping AS old
    WHERE new.external_id_type = old.external_id_type
      AND new.external_id_value = old.external_id_value
);

INSERT INTO acme.external_id_mapping (
    canonical_segment_id,
    external_id_type,
    external_id_value,
    external_id_hash,
    timestamp
)
SELECT
    fresh.canonical_segment_id,
    fresh.external_id_type,
    fresh.external_id_value,
    fresh.external_id_hash,
    fresh.timestamp
FROM external_id_mapping_fresh AS fresh;

-- Other hands may have made a row twice: one of the two goes. Where there are no rows too many, nothing is joined.
DELETE FROM acme.external_id_mapping AS old
USING acme.external_id_mapping AS twin
WHERE twin.external_id_type = old.external_id_type
  AND twin.external_id_value = old.external_id_value
  AND twin.ctid < old.ctid
  AND (SELECT count(*) FROM acme.external_id_mapping) > (SELECT count(*) FROM external_id_mapping_built);

-- What reads it next is planned with its size, not a guess.
ANALYZE acme.external_id_mapping;

CREATE INDEX IF NOT EXISTS external_id_mapping_external_id_value_idx
    ON acme.external_id_mapping USING hash (external_id_value);

CREATE INDEX IF NOT EXISTS external_id_mapping_canonical_segment_id_idx
    ON acme.external_id_mapping USING hash (canonical_segment_id);
