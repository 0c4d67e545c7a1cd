-- 0002 incremental to table
--
--   other indexes of id_graph_updates
--   other indexes of external_id_mapping_updates
--   other indexes of identifies
--   other indexes of order_completed
--   id_graph is a table now, and was an incremental table
--   gone table idgraph_watermarks
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The project has lost idgraph_watermarks.
-- idgraph: destructive acme.idgraph_watermarks
DROP TABLE acme.idgraph_watermarks;

-- Changes

-- id_graph_updates is no longer looked up that way.
-- idgraph: only-if-made-here acme.id_graph_updates
DROP INDEX acme.id_graph_updates_load_time_idx;

-- external_id_mapping_updates is no longer looked up that way.
-- idgraph: only-if-made-here acme.external_id_mapping_updates
DROP INDEX acme.external_id_mapping_updates_load_time_idx;

-- identifies is no longer looked up that way.
-- idgraph: only-if-made-here acme.identifies
DROP INDEX acme.identifies_load_time_idx;

-- order_completed is no longer looked up that way.
-- idgraph: only-if-made-here acme.order_completed
DROP INDEX acme.order_completed_load_time_idx;
