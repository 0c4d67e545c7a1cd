-- 0001 initial
--
--   The way back.
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The way forward made profile_traits.
-- idgraph: destructive profiles.profile_traits
DROP TABLE profiles.profile_traits;

-- The way forward made external_id_mapping.
-- idgraph: destructive profiles.external_id_mapping
DROP TABLE profiles.external_id_mapping;

-- The way forward made id_graph.
-- idgraph: destructive profiles.id_graph
DROP TABLE profiles.id_graph;
