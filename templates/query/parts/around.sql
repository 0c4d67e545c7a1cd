-- The newer merges win: the oldest of a cycle is canonical, and all that leads to the cycle leads to it.
around{{ ' (segment_id, canonical_segment_id, ' ~ timestamp ~ ')' if can.name_recursive_columns }} AS (
    SELECT
        a.segment_id,
        a.canonical_segment_id,
        a.timestamp
    FROM astray AS a
    JOIN head AS h ON h.segment_id = a.canonical_segment_id

    UNION ALL

    SELECT
        a.segment_id,
        r.canonical_segment_id,
        {{ sql.greatest(of=['a.timestamp', 'r.timestamp']) }}
    FROM around AS r
    JOIN astray AS a
        ON  a.canonical_segment_id = r.segment_id
        AND r.segment_id <> r.canonical_segment_id
)
