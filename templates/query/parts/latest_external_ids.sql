--% from 'macros/latest.sql' import latest
--% set landed_columns = ['external_id_type', 'external_id_value', 'external_id_hash', 'segment_id', 'seq', 'received_at', 'uuid_ts', 'timestamp', 'id']
--% set compared = ['external_id_type', 'external_id_value', 'segment_id']
--% set is_valid = 'u.external_id_type IS NOT NULL\n  AND u.external_id_value IS NOT NULL\n  AND u.segment_id IS NOT NULL' ~ ('\n  AND EXISTS (\n    SELECT 1\n    FROM ' ~ affected ~ ' AS a\n    WHERE a.external_id_value = ' ~ ('u.external_id_value' | exact) ~ '\n      AND a.external_id_type = ' ~ ('u.external_id_type' | exact) ~ '\n  )' if affected else '')
--% if removals
-- Landed external ids under the profile that each row's segment belongs to now.
named AS (
    SELECT
--% for column in landed_columns
        {{ ('u.' ~ column) | exact_column if column in compared else 'u.' ~ column }},
--% endfor
        u.__operation,
        coalesce(g.canonical_segment_id, {{ 'u.segment_id' | exact }}) AS canonical_segment_id
    FROM {{ landed.external_id_mapping_updates }} AS u
    LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = {{ 'u.segment_id' | exact }}
    WHERE {{ is_valid | indent(4) }}
),
-- The latest row of each external id and profile says whether that profile holds it.
said AS (
    {{ latest(
        columns = (landed_columns + ['__operation', 'canonical_segment_id']) | map('as_pair'),
        from  = 'named',
        where = '1 = 1',
        each  = ['external_id_type', 'external_id_value', 'canonical_segment_id'],
        order = later.external_id_mapping_updates,
    ) | trim | indent(4) }}
),
-- Among the profiles that hold it, the latest row wins.
latest AS (
    {{ latest(
        columns = (landed_columns + ['canonical_segment_id']) | map('as_pair'),
        from  = 'said',
        where = 'coalesce(' ~ ('u.__operation' | exact) ~ ", '') <> 'REMOVED'",
        each  = ['external_id_type', 'external_id_value'],
        order = later.external_id_mapping_updates,
    ) | trim | indent(4) }}
)
--% else
-- The latest landed row of each external id decides who holds it.
decisive AS (
    {{ latest(
        columns = landed_columns | map('as_pair', compared),
        from  = landed.external_id_mapping_updates,
        where = is_valid,
        each  = ['external_id_type', 'external_id_value'],
        order = later.external_id_mapping_updates,
    ) | trim | indent(4) }}
),
latest AS (
    SELECT
        d.*,
        coalesce(g.canonical_segment_id, d.segment_id) AS canonical_segment_id
    FROM decisive AS d
    LEFT JOIN {{ models.id_graph }} AS g ON g.segment_id = d.segment_id
)
--% endif
