-- Each looks twice as far in every round and keeps the age of the oldest on its way, itself included: few rounds go
-- round any cycle. A recursive query may name itself only once, so the round before has a name of its own.
leap (segment_id, age, reached, oldest, steps) AS (
    SELECT
        a.segment_id,
        a.age,
        a.canonical_segment_id,
        a.age,
        CAST(1 AS bigint)
    FROM astray AS a

    UNION ALL

    (
        WITH round AS (
            SELECT * FROM leap
        )
        SELECT
            near.segment_id,
            near.age,
            far.reached,
            least(near.oldest, far.oldest),
            2 * near.steps
        FROM round AS near
        JOIN round AS far ON far.segment_id = near.reached
        WHERE near.steps < (SELECT count(*) FROM astray)
    )
),
landing AS (
    SELECT
        l.segment_id,
        l.age,
        l.reached,
        l.oldest
    FROM leap AS l
    WHERE l.steps >= (SELECT count(*) FROM astray)
),
-- After as many steps as there are profiles every way is in its cycle, and every member of a cycle is reached.
head AS (
    SELECT l.segment_id
    FROM landing AS l
    WHERE l.age = l.oldest
      AND l.segment_id IN (SELECT r.reached FROM landing AS r)
),
