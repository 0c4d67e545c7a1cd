--% from 'macros/recursion.sql' import found
--% set age = 'CAST(a.age AS ' ~ types.varchar ~ ')'
-- From each, walk on as long as what it meets is newer: who comes back to itself is the oldest of its cycle.
-- UNION ALL forgets nothing: the way remembers what it has seen, so that a walk which cannot come back ends.
walk{{ ' (segment_id, age, reached, way)' if can.name_recursive_columns }} AS (
    SELECT
        a.segment_id,
        a.age,
        a.canonical_segment_id AS reached,
        CAST('/' || {{ age }} || '/' AS {{ types.varchar }}) AS way
    FROM astray AS a

    UNION ALL

    SELECT
        w.segment_id,
        w.age,
        a.canonical_segment_id,
        CAST(w.way || {{ age }} || '/' AS {{ types.varchar }})
    FROM walk AS w
    JOIN astray AS a
        ON  a.segment_id = w.reached
        AND a.age > w.age
        AND NOT {{ sql.contains(x='w.way', part="'/' || " ~ age ~ " || '/'") }}
),
head AS (
    SELECT w.segment_id
    FROM {{ found('walk') | trim }} AS w
    WHERE w.reached = w.segment_id
),
