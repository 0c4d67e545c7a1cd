-- Profiles that no entry names.
SELECT
    b.segment_id,
    count(*) AS standing
FROM (
    SELECT
        kept.segment_id,
        1 AS is_kept
    FROM {{ table.name }} AS kept
    WHERE kept.segment_id IS NOT NULL

    UNION ALL

--% include 'verify/gone/named.sql'
) AS b
GROUP BY b.segment_id
HAVING min(b.is_kept) = 1
