--% if steps
{{ steps }}

--% endif
INSERT INTO {{ recomputed }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
{{ query }};

--% include 'verify/settle.sql'

INSERT INTO {{ members }} (
    segment_id,
    canonical_segment_id,
    timestamp
)
SELECT
    g.segment_id,
    g.canonical_segment_id,
    g.timestamp
FROM {{ recomputed }} AS g
WHERE g.canonical_segment_id = (
    SELECT own.canonical_segment_id
    FROM {{ recomputed }} AS own
    WHERE own.segment_id = (SELECT w.segment_id FROM {{ wanted }} AS w)
)

UNION ALL

-- One that the graph does not have is its own.
SELECT
    w.segment_id,
    w.segment_id,
    NULL
FROM {{ wanted }} AS w
WHERE NOT EXISTS (SELECT 1 FROM {{ recomputed }} AS g WHERE g.segment_id = w.segment_id);

INSERT INTO {{ known }} (
    external_id_type,
    external_id_value
)
SELECT DISTINCT
    u.external_id_type,
    u.external_id_value
FROM {{ landed.external_id_mapping_updates }} AS u
WHERE u.external_id_type IS NOT NULL
  AND u.external_id_value IS NOT NULL
  AND u.segment_id IN (SELECT m.segment_id FROM {{ members }} AS m);
