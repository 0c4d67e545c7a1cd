--# The preflight of apply and refresh asks the same, with schema, names and whether they are written to bound: what comes back
--# is a row for each find. Types of landed columns it asks for by itself, since it knows which are read.
--% if asks is defined
SELECT c.relname, code.what, owner.rolname
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n
    ON n.oid = c.relnamespace
    AND n.nspname = $1
    AND c.relname = ANY ($2)
    AND c.relkind IN ('r', 'p')
--% else
-- Code of others would run with the rights of who writes to its table{{ ", reads a column of its type, or reads where an index," if reads else ": then this ends here." }}
--% if reads
-- statistics or a constraint call it: then this ends here.
--% endif
SELECT CAST(about.name || ' ' || code.what || coalesce(' of role ' || owner.rolname, '') AS integer) AS nothing
FROM (
    VALUES
--% for name in written
        ({{ name | text }}, true){{ "," if not loop.last or reads }}
--% endfor
--% for one in reads
        ({{ one.name | text }}, false){{ "," if not loop.last }}
--% endfor
) AS about (name, is_written)
JOIN pg_catalog.pg_class AS c
    ON c.oid = pg_catalog.to_regclass(about.name)
--% endif
JOIN pg_catalog.pg_roles AS me
    ON me.rolname = CURRENT_USER
CROSS JOIN LATERAL (
--% if asks is defined or reads
    WITH RECURSIVE family (oid) AS (
        SELECT c.oid
        UNION
        SELECT h.inhrelid
        FROM family AS f
        JOIN pg_catalog.pg_inherits AS h
            ON h.inhparent = f.oid
    )
--% endif
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
    SELECT 'has the type ' || t.typname || ' of column ' || a.attname, t.typowner, {{ "false" if asks is defined else "true" }}
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS t
        ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid
      AND a.attnum > 0
--% if asks is defined or reads
    UNION ALL
    -- Another server would be asked.
    SELECT 'has the foreign table ' || part.relname || ' as a part', NULL, true
    FROM family AS f
    JOIN pg_catalog.pg_class AS part
        ON part.oid = f.oid
        AND part.relkind = 'f'
    UNION ALL
    -- The planner computes what is constant in them, and reads those of partitions too.
    SELECT
        'has ' || pg_catalog.pg_describe_object(part.classid, part.objid, 0)
            || ' with ' || pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0),
        called.owner,
        true
    FROM (
        SELECT CAST('pg_catalog.pg_class' AS regclass) AS classid, i.indexrelid AS objid
        FROM family AS f
        JOIN pg_catalog.pg_index AS i
            ON i.indrelid = f.oid
        UNION ALL
        SELECT CAST('pg_catalog.pg_statistic_ext' AS regclass), s.oid
        FROM family AS f
        JOIN pg_catalog.pg_statistic_ext AS s
            ON s.stxrelid = f.oid
        UNION ALL
        SELECT CAST('pg_catalog.pg_constraint' AS regclass), k.oid
        FROM family AS f
        JOIN pg_catalog.pg_constraint AS k
            ON k.conrelid = f.oid
            AND k.contype = 'c'
        UNION ALL
        -- What rows are parted by.
        SELECT CAST('pg_catalog.pg_class' AS regclass), k.partrelid
        FROM family AS f
        JOIN pg_catalog.pg_partitioned_table AS k
            ON k.partrelid = f.oid
    ) AS part
    JOIN pg_catalog.pg_depend AS d
        ON d.classid = part.classid
        AND d.objid = part.objid
        AND d.objsubid = 0
    CROSS JOIN LATERAL (
        SELECT p.proowner
        FROM pg_catalog.pg_proc AS p
        WHERE d.refclassid = CAST('pg_catalog.pg_proc' AS regclass)
          AND p.oid = d.refobjid
        UNION ALL
        SELECT own.oid
        FROM pg_catalog.pg_operator AS o
        JOIN pg_catalog.pg_proc AS p
            ON p.oid = o.oprcode
        CROSS JOIN LATERAL (VALUES (o.oprowner), (p.proowner)) AS own (oid)
        WHERE d.refclassid = CAST('pg_catalog.pg_operator' AS regclass)
          AND o.oid = d.refobjid
        UNION ALL
        SELECT t.typowner
        FROM pg_catalog.pg_type AS t
        WHERE d.refclassid = CAST('pg_catalog.pg_type' AS regclass)
          AND t.oid = d.refobjid
    ) AS called (owner)
--% endif
--% if asks is not defined
    UNION ALL
    -- What idgraph made is what its record says, so its owner counts. A schema's owner could make another at any time.
    SELECT 'is the record', c.relowner, false
    FROM pg_catalog.pg_namespace AS n
    WHERE about.name = {{ objects | text }}
      AND n.oid = c.relnamespace
      AND (me.rolsuper OR n.nspowner <> c.relowner)
--% endif
) AS code (what, owner, runs_on_reading)
LEFT JOIN pg_catalog.pg_roles AS owner
    ON owner.oid = code.owner
WHERE coalesce(NOT (
--% include 'record/trusted.sql'
    ), true)
--% if asks is defined
  AND ($3 OR code.runs_on_reading)
ORDER BY c.relname, code.what;
--% else
  AND (about.is_written OR code.runs_on_reading);
--% endif
