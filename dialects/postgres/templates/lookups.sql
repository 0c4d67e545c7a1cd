--% for lookup in table.lookups
CREATE INDEX IF NOT EXISTS {{ lookup.index }}
    ON {{ table.name }} USING hash ({{ lookup.column }});
--% endfor
