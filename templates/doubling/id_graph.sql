--# The steps to the graph for a warehouse that cannot recurse: in every round each profile looks as many times as far as
--# there are `names`, so `rounds` rounds see `reach` merges far. `stepped` has the names of the work tables.
--% from 'macros/graph.sql' import entries
--% from 'macros/merges.sql' import merges
--% from 'macros/later.sql' import latest_first
--% from 'doubling/round.sql' import round
-- In steps, without recursion. First the latest entry of each profile. One without a canonical id names the profile itself.
--% with name = stepped.entry, on = 'segment_id'
--% include 'work_table.sql'
--% endwith
{{ entries(affected) | trim }};

-- Profiles that were merged into another, and whether that one was merged in turn.
--% with name = stepped.merged, on = 'segment_id'
--% include 'work_table.sql'
--% endwith
{{ merges(stepped.entry) | trim }};

-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step. Those that
-- go on, numbered from the newest entry to the oldest.
--% with name = stepped.leap ~ '_0', on = 'segment_id'
--% include 'work_table.sql'
--% endwith
SELECT
    n.segment_id,
    n.canonical_segment_id,
    n.timestamp,
    n.age,
    n.age AS oldest
FROM (
    SELECT
        m.segment_id,
        m.canonical_segment_id,
        m.timestamp,
        row_number() OVER (
            ORDER BY
                {{ latest_first('m', later.id_graph_updates) | trim | indent(16) }}
        ) AS age
    FROM {{ stepped.merged }} AS m
    WHERE {{ sql.is_true(x='m.goes_on') }}
) AS n;

-- In every round each looks {{ names | length }} times as far and keeps the age of the oldest on its way, itself included:
-- after the last it sees {{ reach }} merges far.
--% for number in range(rounds)
--% with name = stepped.leap if loop.last else stepped.leap ~ '_' ~ (number + 1), on = 'segment_id'
--% include 'work_table.sql'
--% endwith
{{ round(names, stepped.leap ~ '_' ~ number, true) | trim }};

--% endfor
-- From there one step leads to the end.
--% with name = stepped.chain, on = 'segment_id'
--% include 'work_table.sql'
--% endwith
SELECT
    m.segment_id,
    m.canonical_segment_id,
    m.timestamp
FROM {{ stepped.merged }} AS m
WHERE NOT {{ sql.is_true(x='m.goes_on') }}

UNION ALL

SELECT
    l.segment_id,
    m.canonical_segment_id,
    {{ sql.greatest(of=['l.timestamp', 'm.timestamp']) }}
FROM {{ stepped.leap }} AS l
JOIN {{ stepped.merged }} AS m
    ON  m.segment_id = l.canonical_segment_id
    AND NOT {{ sql.is_true(x='m.goes_on') }};

-- What has not ended runs into a cycle (merges that landed out of order).
--% with name = stepped.astray, on = 'segment_id'
--% include 'work_table.sql'
--% endwith
SELECT
    l.segment_id,
    l.canonical_segment_id,
    l.age,
    l.oldest
FROM {{ stepped.leap }} AS l
JOIN {{ stepped.merged }} AS m
    ON  m.segment_id = l.canonical_segment_id
    AND {{ sql.is_true(x='m.goes_on') }};

-- The newer merges win: the oldest of a cycle is canonical. By now every way is in its cycle, and every member of a
-- cycle is reached.
--% with name = stepped.head, on = 'segment_id'
--% include 'work_table.sql'
--% endwith
SELECT a.segment_id
FROM {{ stepped.astray }} AS a
WHERE a.age = a.oldest
  AND a.segment_id IN (SELECT r.canonical_segment_id FROM {{ stepped.astray }} AS r);

-- All that leads to the cycle leads to it, in rounds as well. A head stays where it is.
--% with name = stepped.way ~ '_0', on = 'segment_id'
--% include 'work_table.sql'
--% endwith
SELECT
    a.segment_id,
    CASE WHEN h.segment_id IS NULL THEN m.canonical_segment_id ELSE a.segment_id END AS canonical_segment_id,
    CASE WHEN h.segment_id IS NULL THEN m.timestamp END AS timestamp
FROM {{ stepped.astray }} AS a
JOIN {{ stepped.merged }} AS m ON m.segment_id = a.segment_id
LEFT JOIN {{ stepped.head }} AS h ON h.segment_id = a.segment_id;

--% for number in range(rounds)
--% with name = stepped.way if loop.last else stepped.way ~ '_' ~ (number + 1), on = 'segment_id'
--% include 'work_table.sql'
--% endwith
{{ round(names, stepped.way ~ '_' ~ number, false) | trim }};
--% if not loop.last

--% endif
--% endfor
