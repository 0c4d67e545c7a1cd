-- 0002 dropped event
--
--   no longer used landed table order_completed
--   gone model order_completed_resolved
--
-- Written by `idgraph migrate new` for Snowflake.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.

-- The project has lost order_completed_resolved.
-- idgraph: destructive acme.order_completed_resolved
DROP VIEW IF EXISTS acme.order_completed_resolved;
