-- 0002 other lookups
--
--   other indexes of id_graph
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- id_graph is no longer looked up that way.
DROP INDEX acme.id_graph_timestamp_idx;

-- id_graph is looked up that way.
CREATE INDEX IF NOT EXISTS id_graph_segment_id_idx
    ON acme.id_graph USING hash (segment_id);
