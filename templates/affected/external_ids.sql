--% from 'macros/since.sql' import since
WITH
--% include 'affected/moved.sql'
touched AS (
    SELECT
        u.external_id_type,
        u.external_id_value
    FROM {{ landed.external_id_mapping_updates }} AS u
    WHERE {{ since('own', window) | trim | indent(4) }}

    UNION ALL

    SELECT
        u.external_id_type,
        u.external_id_value
    FROM {{ landed.external_id_mapping_updates }} AS u
    WHERE EXISTS (SELECT 1 FROM moved AS m WHERE m.segment_id = u.segment_id)

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT
        old.{{ table.key[0] }},
        old.{{ table.key[1] }}
    FROM {{ table.name }} AS old
    WHERE (SELECT w.is_first FROM {{ window }} AS w)
)
SELECT DISTINCT
    t.external_id_type,
    t.external_id_value
FROM touched AS t
WHERE t.external_id_type IS NOT NULL
  AND t.external_id_value IS NOT NULL;
