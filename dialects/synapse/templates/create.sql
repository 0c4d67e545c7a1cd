--% include 'landed_table.sql'

--% for column in table.configured
--% if loop.first
-- What the project has gained since the table was made.
--% endif
--% if is_incremental is defined and is_incremental and reads_traits and not is_long
IF NOT EXISTS (
    SELECT 1
    FROM sys.columns AS c
    WHERE c.object_id = OBJECT_ID({{ table.name | text }})
      AND c.name = {{ column.literal }}
)
DELETE FROM {{ watermarks }}
WHERE model = {{ model }}
--% set others = other_marks | selectattr('column', 'equalto', column.literal) | list
  AND landed {{ 'IN (' ~ ([column] + others) | map('mark') | unique | join(', ') ~ ')' if others else '= ' ~ (column | mark) }};

--% endif
--% include 'add_if_missing.sql'

--% if loop.last
--# What reads the new columns is another batch.
GO

--% endif
--% endfor
