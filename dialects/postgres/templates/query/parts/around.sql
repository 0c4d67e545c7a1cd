-- The newer merges win: the oldest of a cycle is canonical, and all that leads to the cycle leads to it, by steps
-- that double as well. A head stays where it is.
way (segment_id, reached, timestamp, steps) AS (
    SELECT
        a.segment_id,
        CASE WHEN h.segment_id IS NULL THEN a.canonical_segment_id ELSE a.segment_id END,
        CASE WHEN h.segment_id IS NULL THEN a.timestamp END,
        CAST(1 AS bigint)
    FROM astray AS a
    LEFT JOIN head AS h ON h.segment_id = a.segment_id

    UNION ALL

    (
        WITH round AS (
            SELECT * FROM way
        )
        SELECT
            near.segment_id,
            far.reached,
            {{ sql.greatest(a='near.timestamp', b='far.timestamp') }},
            2 * near.steps
        FROM round AS near
        JOIN round AS far ON far.segment_id = near.reached
        WHERE near.steps < (SELECT count(*) FROM astray)
    )
),
around AS (
    SELECT
        w.segment_id,
        w.reached AS canonical_segment_id,
        w.timestamp
    FROM way AS w
    WHERE w.steps >= (SELECT count(*) FROM astray)
)
