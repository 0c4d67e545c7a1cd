--% include 'templates/landed_table.sql'

--% for lookup in table.lookups
--% if is_first and loop.first
-- Hash indexes, since a B-tree refuses values of more than 2,704 bytes and with them the row that Segment lands.
--% endif
CREATE INDEX IF NOT EXISTS {{ lookup.index }}
    ON {{ table.name }} USING hash ({{ lookup.column }});
--% endfor

--% with kind = 'TABLE'
--% include 'comments.sql'
--% endwith
