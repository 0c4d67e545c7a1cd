-- 0002 table to incremental
--
--   The way back.
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward made idgraph_watermarks.
-- idgraph: destructive acme.idgraph_watermarks
DROP TABLE acme.idgraph_watermarks;
GO
