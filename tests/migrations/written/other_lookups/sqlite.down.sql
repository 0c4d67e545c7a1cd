-- 0002 other lookups
--
--   The way back.
--
-- Written by `idgraph migrate new` for SQLite.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- id_graph is no longer looked up that way.
DROP INDEX acme.id_graph_segment_id_idx;
