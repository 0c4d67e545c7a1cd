-- {{ table.bare }} as it must be, and the rows in which it differs from the table as it stands.
CREATE TEMPORARY TABLE {{ recomputed }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type }}{{ "," if not loop.last }}
--% endfor
);

CREATE TEMPORARY TABLE {{ differing }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type }},
--% endfor
    {{ surplus | pad(table.width) }} {{ types.integer }}
);
--% if counts_depth

-- How many entries lead from each merged profile to its canonical one; NULL for one that runs into a cycle.
CREATE TEMPORARY TABLE {{ depths }} (
    segment_id {{ types.varchar }},
    depth      {{ types.integer }}
);
--% endif
--% if steps

{{ steps }}
--% endif
--% if is_incremental

--% include 'verify/refresh/make.sql'
--% endif
