-- 0002 dropped models
--
--   gone model user_identifiers
--   gone model profile_merges
--
-- Written by `idgraph migrate new` for Databricks.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The project has lost profile_merges.
-- idgraph: destructive acme.profile_merges
DROP VIEW acme.profile_merges;

-- The project has lost user_identifiers.
-- idgraph: destructive acme.user_identifiers
DROP TABLE acme.user_identifiers;
