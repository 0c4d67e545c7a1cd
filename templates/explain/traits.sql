--% from 'macros/later.sql' import latest_first
--% set has_seq = traits_from.has_seq
--% if null_means == 'unset'
-- The snapshots that decide, the latest first, each trait as profile_traits keeps it.
--% else
-- Landed traits of the profile, its latest row first, each as profile_traits keeps it.
--% endif
WITH
--% include 'explain/segments.sql'
--% if null_means == 'unset'
,
--% with affected = segments, is_last = true, carried = ['id', 'segment_id', 'timestamp'] + (['seq'] if has_seq else [])
--% include 'query/parts/snapshots.sql'
--% endwith
--% endif
SELECT
    {{ sql.to_text(x='t.id', type='varchar') }} AS id,
    t.segment_id,
    {{ sql.time_to_text(x='t.timestamp') }} AS timestamp,
    {{ sql.to_text(x='t.seq', type='varchar') if has_seq else 'CAST(NULL AS ' ~ types.varchar ~ ')' }} AS seq{{ "," if traits }}
--% for trait in traits
    {{ sql.to_text(x=sql.stored(x='t.' ~ trait.name, type=trait.logical_type, sql_type=trait.type), type=trait.logical_type) }} AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
--% if null_means == 'unset'
FROM resolved AS t
ORDER BY
    t.{{ recency }} DESC;
--% else
FROM {{ traits_from.name }} AS t
WHERE t.segment_id IN (SELECT s.segment_id FROM {{ segments }} AS s)
ORDER BY
    {{ latest_first('t', traits_from.later) | trim | indent(4) }};
--% endif
