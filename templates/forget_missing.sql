--# Before columns are added, of a table that notes which traits it has read.
--% from 'macros/identity.sql' import noted_column
--% if is_incremental is defined and is_incremental and reads_traits and not is_long
-- What was read for a column that is there no more says nothing of the one that takes its place.
DELETE FROM {{ watermarks }}
WHERE model = {{ model }}
  AND landed LIKE 'trait %'
  AND {{ noted_column('landed') | trim | indent(2) }} NOT IN (
    {{ sql.column_names(table=table) | indent(4) }}
);

--% endif
