-- 0002 another meaning
--
--   The way back.
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- profile_traits means something else now. Its rows are computed anew, in place:
-- grants, comments and the views on it stay.
-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.profile_traits') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.profile_traits') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'profile_traits'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.profile_traits') AS oid) AS text)
);

-- One writer at a time, and nobody's trigger comes upon what is written; readers go on, and see the rows of before until COMMIT.
LOCK TABLE acme.profile_traits IN SHARE ROW EXCLUSIVE MODE;

-- idgraph: needs acme.identifies.email varchar
-- idgraph: needs acme.identifies.visits integer
-- Landed columns keep their types until then.
LOCK TABLE acme.id_graph_updates, acme.identifies IN ACCESS SHARE MODE;

-- What others have put there stays theirs: then this ends here.
SELECT CAST(CAST(pg_catalog.to_regclass('acme.profile_traits') AS text) || ' exists, and idgraph did not make it' AS integer) AS nothing
WHERE pg_catalog.to_regclass('acme.profile_traits') IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM acme.idgraph_objects AS o
    WHERE o.schema_name = 'acme'
      AND o.object_name = 'profile_traits'
      AND o.object_id = CAST(CAST(pg_catalog.to_regclass('acme.profile_traits') AS oid) AS text)
);

-- Code of others would run with the rights of who writes to its table, or reads a column of its type: then this ends here.
SELECT CAST(about.name || ' ' || code.what || coalesce(' of role ' || owner.rolname, '') AS integer) AS nothing
FROM (
    VALUES
        ('acme.idgraph_objects', true),
        ('acme.profile_traits', true),
        ('acme.id_graph_updates', false),
        ('acme.identifies', false)
) AS about (name, is_written)
JOIN pg_catalog.pg_class AS c
    ON c.oid = pg_catalog.to_regclass(about.name)
JOIN pg_catalog.pg_roles AS me
    ON me.rolname = CURRENT_USER
CROSS JOIN LATERAL (
    -- What a condition calls may be anybody's.
    SELECT CASE WHEN t.tgqual IS NULL THEN 'has the trigger ' ELSE 'has the conditional trigger ' END || t.tgname, CASE WHEN t.tgqual IS NULL THEN p.proowner END, false
    FROM pg_catalog.pg_trigger AS t
    JOIN pg_catalog.pg_proc AS p
        ON p.oid = t.tgfoid
    WHERE t.tgrelid = c.oid
      AND NOT t.tgisinternal
    UNION ALL
    -- It may have triggers of its own.
    SELECT 'has the child table ' || child.relname, NULL, false
    FROM pg_catalog.pg_inherits AS h
    JOIN pg_catalog.pg_class AS child
        ON child.oid = h.inhrelid
    WHERE h.inhparent = c.oid
    UNION ALL
    SELECT 'has the rule, constraint, default or index', c.relowner, c.relkind NOT IN ('r', 'p')
    WHERE c.relhasrules
       OR EXISTS (SELECT 1 FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype IN ('c', 'x'))
       OR EXISTS (SELECT 1 FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid = c.oid)
       OR EXISTS (SELECT 1 FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL))
    UNION ALL
    SELECT 'has the type ' || t.typname || ' of column ' || a.attname, t.typowner, true
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS t
        ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid
      AND a.attnum > 0
    UNION ALL
    -- What idgraph made is what its record says, so its owner counts. A schema's owner could make another at any time.
    SELECT 'is the record', c.relowner, false
    FROM pg_catalog.pg_namespace AS n
    WHERE about.name = 'acme.idgraph_objects'
      AND n.oid = c.relnamespace
      AND (me.rolsuper OR n.nspowner <> c.relowner)
) AS code (what, owner, runs_on_reading)
LEFT JOIN pg_catalog.pg_roles AS owner
    ON owner.oid = code.owner
WHERE coalesce(NOT (
        owner.oid = me.oid
        OR owner.rolsuper
        OR (NOT me.rolsuper AND pg_catalog.pg_has_role(owner.oid, 'MEMBER'))
        OR EXISTS (SELECT 1 FROM pg_catalog.pg_auth_members AS m WHERE m.member = me.oid AND m.roleid = owner.oid)
    ), true)
  AND (about.is_written OR code.runs_on_reading);

-- In a table of its own what the query reads is read in parallel, which Postgres does not do for what it inserts into
-- a table that is there.
CREATE TEMPORARY TABLE profile_traits_latest ON COMMIT DROP AS
-- One sort and one pass, whatever the number of traits: aggregates take a sorted subquery's rows in its order, so
-- the first value of each trait is its latest.
SELECT
    r.canonical_segment_id COLLATE "default" AS canonical_segment_id,
    (array_agg(r.email) FILTER (WHERE r.email IS NOT NULL))[1] AS email,
    (array_agg(r.visits) FILTER (WHERE r.visits IS NOT NULL))[1] AS visits
FROM (
    -- Landed traits under the profile that they belong to now, its latest row first.
    SELECT
        coalesce(g.canonical_segment_id, t.segment_id) COLLATE "C" AS canonical_segment_id,
        t.email,
        t.visits
    FROM acme.identifies AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
    WHERE t.segment_id IS NOT NULL
    ORDER BY
        coalesce(g.canonical_segment_id, t.segment_id) COLLATE "C",
        t.timestamp DESC NULLS LAST,
        t.uuid_ts DESC NULLS LAST,
        t.id COLLATE "C" DESC NULLS LAST,
        t.segment_id COLLATE "C" DESC NULLS LAST
) AS r
GROUP BY r.canonical_segment_id;

ANALYZE profile_traits_latest;

CREATE TEMPORARY TABLE profile_traits_built ON COMMIT DROP AS
-- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
SELECT
    coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.email,
    l.visits,
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN profile_traits_latest AS l ON l.canonical_segment_id = g.segment_id;

-- idgraph: destructive acme.profile_traits
-- Only rows that differ are written: the table keeps its grants, its views and most of its pages.
DELETE FROM acme.profile_traits AS old
WHERE NOT EXISTS (
    SELECT 1
    FROM profile_traits_built AS new
    WHERE new.canonical_segment_id = old.canonical_segment_id
      AND (
        new.email,
        new.visits,
        new.merged_to
      ) IS NOT DISTINCT FROM (
        old.email,
        old.visits,
        old.merged_to
      )
);

-- What is new is set aside before it goes in: the table is read as it was, once, and not while it grows.
CREATE TEMPORARY TABLE profile_traits_fresh ON COMMIT DROP AS
SELECT
    new.canonical_segment_id,
    new.email,
    new.visits,
    new.merged_to
FROM profile_traits_built AS new
WHERE NOT EXISTS (
    SELECT 1
    FROM acme.profile_traits AS old
    WHERE new.canonical_segment_id = old.canonical_segment_id
);

INSERT INTO acme.profile_traits (
    canonical_segment_id,
    email,
    visits,
    merged_to
)
SELECT
    fresh.canonical_segment_id,
    fresh.email,
    fresh.visits,
    fresh.merged_to
FROM profile_traits_fresh AS fresh;

-- idgraph: destructive acme.profile_traits
-- Other hands may have made a row twice: one of the two goes. Where there are no rows too many, nothing is joined.
DELETE FROM acme.profile_traits AS old
USING acme.profile_traits AS twin
WHERE twin.canonical_segment_id = old.canonical_segment_id
  AND twin.ctid < old.ctid
  AND (SELECT count(*) FROM acme.profile_traits) > (SELECT count(*) FROM profile_traits_built);

-- What reads it next is planned with its size, not a guess.
ANALYZE acme.profile_traits;
