-- 0002 new event
--
--   The way back.
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward made signed_up_resolved.
-- idgraph: destructive acme.signed_up_resolved
DROP VIEW IF EXISTS acme.signed_up_resolved;
