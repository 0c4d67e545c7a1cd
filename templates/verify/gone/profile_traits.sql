-- Profiles that neither an entry nor a row of traits names.
SELECT
    b.canonical_segment_id,
    count(*) AS standing
FROM (
    SELECT
        kept.canonical_segment_id,
        1 AS is_kept
    FROM {{ table.name }} AS kept
    WHERE kept.canonical_segment_id IS NOT NULL

    UNION ALL

--% include 'verify/gone/named.sql'

    UNION ALL

    SELECT
        {{ 'u.segment_id' | exact }},
        0
    FROM {{ traits_from.name }} AS u
    WHERE u.segment_id IS NOT NULL
) AS b
GROUP BY b.canonical_segment_id
HAVING min(b.is_kept) = 1
