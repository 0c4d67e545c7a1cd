--% from 'macros/recursion.sql' import found
--% if not can.recursive_union
--% include 'query/parts/head_by_way.sql'
--% else
-- From each that has a newer one before it, walk on as long as what it meets is newer: who comes back to itself is
-- the oldest of its cycle.
-- {{ sql.union() }} forgets what it has seen, so that a walk which cannot come back ends.
walk AS (
    SELECT
        a.segment_id,
        a.age,
        a.canonical_segment_id AS reached
    FROM astray AS a
    WHERE EXISTS (
        SELECT 1
        FROM astray AS p
        WHERE p.canonical_segment_id = a.segment_id
          AND p.age > a.age
    )

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
head AS (
    SELECT w.segment_id
    FROM {{ found('walk') | trim }} AS w
    WHERE w.reached = w.segment_id
),
--% endif
