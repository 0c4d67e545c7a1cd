--% include 'templates/create.sql'
--% if is_new

--% for lookup in table.lookups
CREATE INDEX IF NOT EXISTS {{ schema }}.{{ lookup.index }}
    ON {{ table.bare }} ({{ lookup.column }});
--% endfor
--% endif
