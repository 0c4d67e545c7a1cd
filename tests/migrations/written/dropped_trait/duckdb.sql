-- 0002 dropped trait
--
--   gone column visits
--
-- Written by `idgraph migrate new` for DuckDB.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The project has lost visits of profile_traits.
-- idgraph: destructive acme.profile_traits.visits
ALTER TABLE acme.profile_traits DROP COLUMN visits;

-- Changes

-- long_traits has rows of visits no longer.
-- idgraph: destructive acme.long_traits
DELETE FROM acme.long_traits
WHERE name IN ('visits');
