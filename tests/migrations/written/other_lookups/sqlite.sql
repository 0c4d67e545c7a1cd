-- 0002 other lookups
--
--   other indexes of id_graph
--
-- Written by `idgraph migrate new` for SQLite.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- id_graph is no longer looked up that way.
DROP INDEX acme.id_graph_timestamp_idx;

-- id_graph is looked up that way.
CREATE INDEX IF NOT EXISTS acme.id_graph_segment_id_idx
    ON id_graph (segment_id);
