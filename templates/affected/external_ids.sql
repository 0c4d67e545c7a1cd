--% from 'macros/since.sql' import since
WITH
--% include 'affected/moved.sql'
together AS (
    SELECT
        {{ 'u.external_id_value' | exact_column }},
        {{ 'u.external_id_type' | exact_column }}
    FROM {{ landed.external_id_mapping_updates }} AS u
    WHERE {{ since('own', window) | trim | indent(4) }}

    UNION ALL

    SELECT
        {{ 'u.external_id_value' | exact_column }},
        {{ 'u.external_id_type' | exact_column }}
    FROM {{ landed.external_id_mapping_updates }} AS u
    WHERE EXISTS (SELECT 1 FROM moved AS m WHERE m.segment_id = {{ 'u.segment_id' | exact }})

--% include 'affected/together.sql'
