-- What the tables say of $1: its canonical profile, and what it was merged to.
SELECT
    (SELECT g.canonical_segment_id FROM {{ stands.id_graph }} AS g WHERE g.segment_id = $1 LIMIT 1) AS canonical_segment_id,
    (SELECT p.merged_to FROM {{ stands.profile_traits }} AS p WHERE p.canonical_segment_id = $1 LIMIT 1) AS merged_to;
