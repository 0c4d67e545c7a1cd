--% from 'macros/graph.sql' import entries, merges, chains
--% from 'macros/work_table.sql' import work_table
-- In steps: the planner cannot guess the size of a recursion, and does well once it knows the size of each table.
-- First the latest entry of each profile. One without a canonical id names the profile itself.
{{ work_table(stepped.entry, entries(affected), stage) | trim }}

-- Profiles that were merged into another, and whether that one was merged in turn.
{{ work_table(stepped.merged, merges(stepped.entry), stage) | trim }}

-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step.
-- From there, take in what points to a profile already resolved: every profile is visited once.
--% set chain
WITH RECURSIVE chain AS (
    {{ chains(stepped.merged) | trim | indent(4) }}
)
SELECT
    c.segment_id,
    c.canonical_segment_id,
    c.timestamp
FROM chain AS c
--% endset
{{ work_table(stepped.chain, chain, stage) | trim }}
