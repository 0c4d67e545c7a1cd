CREATE TABLE IF NOT EXISTS {{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type }}{{ "," if not loop.last }}
--% endfor
);

--% for lookup in table.lookups
--% if is_first and loop.first
-- Hash indexes, since a B-tree refuses values of more than 2,704 bytes and with them the row that lands.
--% endif
CREATE INDEX IF NOT EXISTS {{ lookup.index }}
    ON {{ table.name }} USING hash ({{ lookup.column }});
--% endfor
--% if watermarks
CREATE INDEX IF NOT EXISTS {{ table.load_time_index }}
    ON {{ table.name }} ({{ load_time }});
--% endif
