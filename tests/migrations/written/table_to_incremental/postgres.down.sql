-- 0002 table to incremental
--
--   The way back.
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward made idgraph_watermarks.
-- idgraph: destructive acme.idgraph_watermarks
DROP TABLE acme.idgraph_watermarks;
