--% from 'macros/graph.sql' import entries
--% from 'macros/merges.sql' import merges
--% from 'macros/later.sql' import latest_last
--% from 'macros/recursion.sql' import about, found
--% if not stepped
--% if max_levels
{{ about() | trim }}
--% endif
WITH RECURSIVE
-- The latest entry of each profile. One without a canonical id names the profile itself: left NULL here, since
-- a plain column is what some planners need to look it up.
entry AS (
    {{ entries(affected) | trim | indent(4) }}
),
-- Profiles that were merged into another, and whether that one was merged in turn.
merged AS (
    {{ merges('entry', in_view=in_view) | trim | indent(4) }}
),
-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step.
-- From there, take in what points to a profile already resolved: every profile is visited once.
chain{{ ' (segment_id, canonical_segment_id, ' ~ timestamp ~ ')' if can.name_recursive_columns }} AS (
    SELECT
        m.segment_id,
        m.canonical_segment_id,
        m.timestamp
    FROM merged AS m
    WHERE NOT {{ sql.is_true(x='m.goes_on') }}

    UNION ALL

    SELECT
        m.segment_id,
        c.canonical_segment_id,
        {{ sql.greatest(of=['m.timestamp', 'c.timestamp']) }}
    FROM chain AS c
    JOIN merged AS m
        ON  m.canonical_segment_id = c.segment_id
        AND {{ sql.is_true(x='m.goes_on') }}
),
-- What has come to an end. DISTINCT, since planners guess a recursive query's rows far too high and would prepare
-- for them all.
ended AS (
    SELECT DISTINCT c.segment_id
    FROM {{ found('chain') | trim }} AS c
),
-- What is left runs into a cycle (merges that landed out of order): numbered from the oldest entry to the newest.
astray AS (
    SELECT
        m.segment_id,
        m.canonical_segment_id,
        m.timestamp,
        row_number() OVER (
            ORDER BY
                {{ latest_last('m', later.id_graph_updates) | trim | indent(16) }}
        ) AS age
    FROM merged AS m
    WHERE {{ sql.is_true(x='m.goes_on') }}
      AND NOT EXISTS (SELECT 1 FROM ended AS c WHERE c.segment_id = m.segment_id)
),
--% include 'query/parts/head.sql'
--% include 'query/parts/around.sql'
--% endif
--% include 'query/parts/whole_graph.sql'
