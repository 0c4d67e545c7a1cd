-- The profile that is asked for, the graph as it must be, the profile's segments, and the external ids that any of
-- them ever had.
CREATE TEMPORARY TABLE {{ wanted }} (
    segment_id {{ types.varchar }}
);

CREATE TEMPORARY TABLE {{ recomputed }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type }}{{ "," if not loop.last }}
--% endfor
);

CREATE TEMPORARY TABLE {{ members }} (
    segment_id           {{ types.varchar }},
    canonical_segment_id {{ types.varchar }},
    timestamp            {{ types.timestamp }}
);

CREATE TEMPORARY TABLE {{ known }} (
    external_id_type  {{ types.varchar }},
    external_id_value {{ types.varchar }}
);
--% if steps

{{ steps }}
--% endif
