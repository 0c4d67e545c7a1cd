-- 0002 incremental to table
--
--   id_graph is a table now, and was an incremental table
--   gone table idgraph_watermarks
--
-- Written by `idgraph migrate new` for Synapse.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The project has lost idgraph_watermarks.
-- idgraph: destructive acme.idgraph_watermarks
DROP TABLE acme.idgraph_watermarks;
GO
