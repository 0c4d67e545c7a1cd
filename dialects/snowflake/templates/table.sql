-- The old table is read until the new one takes its place, with its grants.
CREATE OR REPLACE TABLE {{ table.name }}
CLUSTER BY ({{ table.lookups[0].column }})
COPY GRANTS
COMMENT = {{ table.comment }}
AS
{{ query }};

--% for column in table.columns
COMMENT ON COLUMN {{ (table.name ~ '.' ~ column.name) | pad(table.name | length + table.width + 1) }} IS {{ column.comment }};
--% endfor
