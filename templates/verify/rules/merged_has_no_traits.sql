--# CASE, since some warehouses take an OR of a thousand terms for too deep.
SELECT
    p.canonical_segment_id,
    p.merged_to
FROM {{ stands.profile_traits }} AS p
WHERE p.merged_to IS NOT NULL
  AND CASE
--% for trait in traits
        WHEN p.{{ trait.name }} IS NOT NULL THEN 1
--% else
        WHEN 1 = 0 THEN 1
--% endfor
        ELSE 0
    END = 1
