--% from 'macros/later.sql' import latest_first
-- Landed traits of the profile, its latest row first.
SELECT
    t.id,
    t.segment_id,
    t.timestamp,
    {{ 't.seq' if traits_from.has_seq else 'CAST(NULL AS ' ~ types.varchar ~ ')' }}{{ "," if traits }}
--% for trait in traits
    {{ sql.to_text(x='t.' ~ trait.name, type=trait.logical_type) }}{{ "," if not loop.last }}
--% endfor
FROM {{ traits_from.name }} AS t
WHERE t.segment_id IN (SELECT m.segment_id FROM {{ members }} AS m)
ORDER BY
    {{ latest_first('t', traits_from.later) | trim | indent(4) }};
