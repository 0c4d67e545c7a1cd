-- 0002 new trait incremental
--
--   The way back.
--
-- Written by `idgraph migrate new` for Databricks.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward added plan to profile_traits.
-- idgraph: destructive acme.profile_traits.plan
ALTER TABLE acme.profile_traits DROP COLUMN plan;

-- Changes

-- profile_traits no longer reads them.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'profile_traits'
  AND landed IN ('trait plan');

-- long_traits has rows of plan no longer.
-- idgraph: destructive acme.long_traits
DELETE FROM acme.long_traits
WHERE name IN ('plan');

-- long_traits no longer reads them.
DELETE FROM acme.idgraph_watermarks
WHERE model = 'long_traits'
  AND landed IN ('trait plan');
