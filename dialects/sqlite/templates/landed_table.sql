--% include 'templates/landed_table.sql'

--% for lookup in table.lookups
CREATE INDEX IF NOT EXISTS {{ schema }}.{{ lookup.index }}
    ON {{ table.bare }} ({{ lookup.column }});
--% endfor
