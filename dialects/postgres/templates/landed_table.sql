--# Files say no more than this: the table may be Segment's. Apply knows whether it makes the table, and then says the rest.
CREATE TABLE {{ "IF NOT EXISTS " if not is_new }}{{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type }}{{ "," if not loop.last }}
--% endfor
);
--% if is_new

--% include 'record/made.sql'

--% for lookup in table.lookups
--% if is_first and loop.first
-- Hash indexes, since a B-tree refuses values of more than 2,704 bytes and with them the row that Segment lands.
--% endif
CREATE INDEX IF NOT EXISTS {{ lookup.index }}
    ON {{ table.name }} USING hash ({{ lookup.column }});
--% endfor
--% if watermarks
CREATE INDEX IF NOT EXISTS {{ table.load_time_index }}
    ON {{ table.name }} ({{ load_time }});
--% endif

--% with kind = 'TABLE'
--% include 'comments.sql'
--% endwith
--% endif
