-- The canonical profile's traits as they stand.
SELECT
    p.canonical_segment_id{{ "," if traits }}
--% for trait in traits
    {{ sql.to_text(x='p.' ~ trait.name, type=trait.logical_type) }} AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ stands.profile_traits }} AS p
WHERE p.canonical_segment_id = $1;
