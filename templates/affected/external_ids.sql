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

    UNION ALL

    -- What the profiles of new rows hold by rows that are there no more: these were changed in place.
    SELECT
        kept.{{ affected_on[0][0] }},
        kept.{{ affected_on[1][0] }}
    FROM (
        SELECT DISTINCT coalesce(g.canonical_segment_id, {{ 'u.segment_id' | exact }}) AS canonical_segment_id
        FROM {{ landed.external_id_mapping_updates }} AS u
        LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = {{ 'u.segment_id' | exact }}
        WHERE u.segment_id IS NOT NULL
          AND {{ since('own', window) | trim | indent(10) }}
    ) AS profile
    JOIN {{ table.name }} AS kept
        ON kept.canonical_segment_id = profile.canonical_segment_id
    LEFT JOIN {{ landed.external_id_mapping_updates }} AS u
        ON  {{ 'u.external_id_value' | exact }} = kept.{{ affected_on[0][0] }}
        AND {{ 'u.external_id_type' | exact }} = kept.{{ affected_on[1][0] }}
--% for name in ['timestamp', 'seq', 'received_at', 'uuid_ts'] if ("'" ~ name ~ "'") in table.columns | map(attribute='literal') | list
        AND ({{ ('u.' ~ name) | exact if name == 'seq' else 'u.' ~ name }} = kept.{{ name }} OR (u.{{ name }} IS NULL AND kept.{{ name }} IS NULL))
--% endfor
    LEFT JOIN {{ models.id_graph }} AS g
        ON g.segment_id = {{ 'u.segment_id' | exact }}
    WHERE u.segment_id IS NULL
       OR coalesce(g.canonical_segment_id, {{ 'u.segment_id' | exact }}) <> kept.canonical_segment_id

--% include 'affected/together.sql'
