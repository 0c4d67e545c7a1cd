-- The newer merges win: the oldest of a cycle is canonical, and all that leads to the cycle leads to it, by steps
-- that double as well, until nobody gets further. A head stays where it is.
way (age, reached, timestamp, nth, has_moved) AS (
    SELECT
        p.age,
        CASE WHEN h.age IS NULL THEN p.next_age ELSE p.age END,
        CASE WHEN h.age IS NULL THEN p.timestamp END,
        1,
        true
    FROM pointing AS p
    LEFT JOIN head AS h ON h.age = p.age

    UNION ALL

    (
        WITH round AS (
            SELECT * FROM way
        )
        SELECT
            near.age,
            far.reached,
            {{ sql.greatest(of=['near.timestamp', 'far.timestamp']) }},
            near.nth + 1,
            far.reached <> near.reached
        FROM round AS near
        JOIN round AS far ON far.age = near.reached
        WHERE EXISTS (SELECT 1 FROM round AS r WHERE r.has_moved)
    )
),
around AS (
    SELECT
        p.segment_id,
        h.segment_id AS canonical_segment_id,
        w.timestamp
    FROM way AS w
    JOIN pointing AS p ON p.age = w.age
    JOIN head AS h ON h.age = w.reached
    WHERE w.nth = (SELECT max(last.nth) FROM way AS last)
)
