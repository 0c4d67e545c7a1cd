--% from 'macros/graph.sql' import entries, merges, chains
-- In steps: the planner cannot guess the size of a recursion, and does well once it knows the size of each table.
-- First the latest entry of each profile. One without a canonical id names the profile itself.
CREATE TEMPORARY TABLE {{ stepped.entry }} ON COMMIT DROP AS
{{ entries(affected) | trim }};

ANALYZE {{ stepped.entry }};

-- Profiles that were merged into another, and whether that one was merged in turn.
CREATE TEMPORARY TABLE {{ stepped.merged }} ON COMMIT DROP AS
{{ merges(stepped.entry) | trim }};

ANALYZE {{ stepped.merged }};

-- Segment repeats a merge for every profile below it, so nearly all end at a canonical profile in one step.
-- From there, take in what points to a profile already resolved: every profile is visited once.
CREATE TEMPORARY TABLE {{ stepped.chain }} ON COMMIT DROP AS
WITH RECURSIVE chain AS (
    {{ chains(stepped.merged) | trim | indent(4) }}
)
SELECT
    c.segment_id,
    c.canonical_segment_id,
    c.timestamp
FROM chain AS c;

ANALYZE {{ stepped.chain }};
