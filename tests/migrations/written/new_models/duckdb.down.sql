-- 0002 new models
--
--   The way back.
--
-- Written by `idgraph migrate new` for DuckDB.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward made profile_merges.
-- idgraph: destructive acme.profile_merges
DROP VIEW acme.profile_merges;

-- The way forward made user_identifiers.
-- idgraph: destructive acme.user_identifiers
DROP TABLE acme.user_identifiers;
