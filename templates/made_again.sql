-- The models whose tables are not the ones that were read for.
--% for one in read_for
SELECT DISTINCT w.model
FROM {{ watermarks }} AS w
WHERE w.model = {{ one.table.literal }}
--% if one.exists
  AND w.loaded_until IS NOT NULL
  AND (
--% if can.identify_tables
    w.object_id IS NULL
    OR w.object_id <> {{ sql.table_id(table=one.table) | indent(4) }}
    OR NOT EXISTS (SELECT 1 FROM {{ one.table.name }} AS kept)
--% else
    NOT EXISTS (SELECT 1 FROM {{ one.table.name }} AS kept)
--% endif
  )
--% endif
--% if not loop.last

UNION ALL

--% endif
--% endfor
