SELECT
    p.canonical_segment_id{{ "," if traits }}
--% for trait in traits
    {{ sql.to_text(x='p.' ~ trait.name, type=trait.logical_type) }}{{ "," if not loop.last }}
--% endfor
FROM {{ stands.profile_traits }} AS p
WHERE p.canonical_segment_id IN (SELECT m.canonical_segment_id FROM {{ members }} AS m);
