-- 0002 new models
--
--   The way back.
--
-- Written by `idgraph migrate new` for Redshift.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward made merges.
-- idgraph: destructive acme.merges
DROP VIEW acme.merges;

-- The way forward made identifiers.
-- idgraph: destructive acme.identifiers
DROP TABLE acme.identifiers;
