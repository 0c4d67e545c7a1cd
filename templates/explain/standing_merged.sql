SELECT p.merged_to
FROM {{ stands.profile_traits }} AS p
WHERE p.canonical_segment_id = (SELECT w.segment_id FROM {{ wanted }} AS w);
