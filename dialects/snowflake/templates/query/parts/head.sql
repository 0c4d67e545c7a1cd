-- From each, walk on as long as what it meets is newer: who comes back to itself is the oldest of its cycle.
-- Snowflake recurses by UNION ALL alone: the way remembers what it has seen, so that a walk which cannot come back ends.
walk (segment_id, age, reached, way) AS (
    SELECT
        a.segment_id,
        a.age,
        a.canonical_segment_id AS reached,
        CAST('/' || a.age || '/' AS varchar) AS way
    FROM astray AS a

    UNION ALL

    SELECT
        w.segment_id,
        w.age,
        a.canonical_segment_id,
        w.way || a.age || '/'
    FROM walk AS w
    JOIN astray AS a
        ON  a.segment_id = w.reached
        AND a.age > w.age
        AND NOT contains(w.way, '/' || a.age || '/')
),
head AS (
    SELECT w.segment_id
    FROM walk AS w
    WHERE w.reached = w.segment_id
),
