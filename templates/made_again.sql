--% from 'macros/identity.sql' import noted_column, noted_landed, of_landed_column
--% macro one_id(of)
{{ sql.table_id(table=of.table, columns=of.columns) }}
--% endmacro
--# The columns: a model; what is the matter; with which landed table or column.
-- The models that are read in full: their tables, or those that they read, are not the ones that were read.
--% for one in read_for
SELECT DISTINCT
    w.model,
    'table' AS what,
    w.model AS which
FROM {{ watermarks }} AS w
WHERE w.model = {{ one.model }}
--% if one.exists
  AND w.loaded_until IS NOT NULL
  AND (
    w.object_id IS NULL
    OR w.object_id <> {{ one_id(one) | trim | indent(4) }}
    OR NOT EXISTS (SELECT 1 FROM {{ one.table.name }} AS kept)
  )
--% endif
--% for source in one.sources

UNION ALL

SELECT DISTINCT
    w.model,
    'landed',
    w.landed
FROM {{ watermarks }} AS w
WHERE w.model = {{ one.model }}
  AND w.landed = {{ source.literal }}
  AND w.loaded_until IS NOT NULL
--% if source.exists
  AND (
    w.landed_id <> {{ one_id(source) | trim | indent(4) }}
    OR NOT EXISTS (SELECT 1 FROM {{ source.table.name }} AS landed)
  )
--% endif
--% endfor

UNION ALL

SELECT DISTINCT
    w.model,
    'elsewhere',
    w.landed
FROM {{ watermarks }} AS w
WHERE w.model = {{ one.model }}
  AND w.loaded_until IS NOT NULL
  AND w.landed NOT IN ({{ one.sources | map(attribute='literal') | join(', ') }})
--% if one.marks

UNION ALL

SELECT DISTINCT
    w.model,
    'column',
    {{ noted_landed('w.landed') | trim | indent(4) }}
FROM {{ watermarks }} AS w
WHERE w.model = {{ one.model }}
  AND w.landed IN ({{ one.marks | map('mark') | join(', ') }})
  AND w.landed_id <> ''
  AND w.landed_id <> {{ of_landed_column(noted_landed('w.landed') | trim) | trim | indent(2) }}
--% if one.exists and one.has_columns

UNION ALL

SELECT DISTINCT
    w.model,
    'trait',
    {{ noted_column('w.landed') | trim | indent(4) }}
FROM {{ watermarks }} AS w
WHERE w.model = {{ one.model }}
  AND w.landed IN ({{ one.marks | map('mark') | join(', ') }})
  AND w.object_id <> {{ sql.column_id(table=one.table, column=noted_column('w.landed') | trim) | trim | indent(2) }}
--% endif
--% endif
--% if not loop.last

UNION ALL

--% endif
--% endfor
