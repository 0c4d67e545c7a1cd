--% from 'macros/cte.sql' import cte
--% set affected = known
-- The profile that holds an external id, given as type and value.
WITH
--% if graph
{{ cte(recomputed, graph) | trim }},
--% endif
{{ known }} AS (
    SELECT DISTINCT
        u.external_id_type,
        u.external_id_value
    FROM {{ landed.external_id_mapping_updates }} AS u
    WHERE u.external_id_type = $1
      AND u.external_id_value = $2
),
--% include 'query/parts/latest_external_ids.sql'
SELECT l.canonical_segment_id
FROM latest AS l;
