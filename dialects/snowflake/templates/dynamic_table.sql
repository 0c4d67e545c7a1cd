--# What recurses is computed in full whatever the mode; AUTO would find that out, INCREMENTAL would fail.
-- Snowflake keeps it up to date by itself; made once more, it is computed anew. To make it takes CREATE DYNAMIC TABLE on
-- the schema and USAGE on the warehouse.
CREATE OR REPLACE DYNAMIC TABLE {{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type | pad(table.type_width) }} COMMENT {{ column.comment }}{{ "," if not loop.last }}
--% endfor
)
TARGET_LAG = '{{ dynamic_tables.target_lag }} minutes'
WAREHOUSE = {{ dynamic_tables.warehouse }}
REFRESH_MODE = {{ 'FULL' if query is startingwith('WITH RECURSIVE') else dynamic_tables.refresh_mode | upper }}
--% if table.lookups
CLUSTER BY ({{ table.lookups[0].column }})
--% endif
COMMENT = {{ table.comment }}
COPY GRANTS
AS
{{ query }};
