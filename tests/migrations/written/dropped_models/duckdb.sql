-- 0002 dropped models
--
--   gone model identifiers
--   gone model merges
--
-- Written by `idgraph migrate new` for DuckDB.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The project has lost merges.
-- idgraph: destructive acme.merges
DROP VIEW acme.merges;

-- The project has lost identifiers.
-- idgraph: destructive acme.identifiers
DROP TABLE acme.identifiers;
