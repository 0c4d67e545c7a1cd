-- 0002 new trait
--
--   The way back.
--
-- Written by `idgraph migrate new` for Redshift.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward added plan to profile_traits.
-- idgraph: destructive acme.profile_traits.plan
ALTER TABLE acme.profile_traits DROP COLUMN plan;

-- Changes

-- long_traits has rows of plan no longer.
-- idgraph: destructive acme.long_traits
DELETE FROM acme.long_traits
WHERE name IN ('plan');
