--# Rows of one profile stand on one node, in the order in which they are looked up; Redshift has no indexes.
CREATE TABLE IF NOT EXISTS {{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type }}{{ "," if not loop.last }}
--% endfor
)
--% if table.lookups
DISTKEY ({{ table.lookups[0].column }})
SORTKEY ({{ table.lookups | map(attribute='column') | join(', ') }})
--% endif
;
