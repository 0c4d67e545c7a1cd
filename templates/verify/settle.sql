-- What other models look rows up by.
--% for lookup in table.lookups
CREATE INDEX {{ lookup.index }} ON {{ recomputed }} ({{ lookup.column }});
--% endfor
