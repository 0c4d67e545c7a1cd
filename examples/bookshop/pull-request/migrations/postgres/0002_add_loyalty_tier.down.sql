-- 0002 add loyalty tier
--
--   The way back.
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward added loyalty_tier to profile_traits.
-- idgraph: destructive profiles.profile_traits.loyalty_tier
ALTER TABLE profiles.profile_traits DROP COLUMN loyalty_tier;
