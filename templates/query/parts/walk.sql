-- From each, walk on as long as what it meets is newer: who comes back to itself is the oldest of its cycle.
-- {{ sql.union() }} forgets what it has seen, so that a walk which cannot come back ends.
walk AS (
    SELECT
        a.segment_id,
        a.age,
        a.canonical_segment_id AS reached
    FROM astray AS a

    {{ sql.union() }}

    SELECT
        w.segment_id,
        w.age,
        a.canonical_segment_id
    FROM walk AS w
    JOIN astray AS a
        ON  a.segment_id = w.reached
        AND a.age > w.age
),
