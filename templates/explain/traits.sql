--% from 'macros/later.sql' import latest_first
-- Landed traits of the profile, its latest row first, each as profile_traits keeps it.
WITH
--% include 'explain/segments.sql'
SELECT
    {{ sql.to_text(x='t.id', type='varchar') }} AS id,
    t.segment_id,
    {{ sql.time_to_text(x='t.timestamp') }} AS timestamp,
    {{ sql.to_text(x='t.seq', type='varchar') if traits_from.has_seq else 'CAST(NULL AS ' ~ types.varchar ~ ')' }} AS seq{{ "," if traits }}
--% for trait in traits
    {{ sql.to_text(x=sql.stored(x='t.' ~ trait.name, type=trait.logical_type, sql_type=trait.type), type=trait.logical_type) }} AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ traits_from.name }} AS t
WHERE t.segment_id IN (SELECT s.segment_id FROM {{ segments }} AS s)
ORDER BY
    {{ latest_first('t', traits_from.later) | trim | indent(4) }};
