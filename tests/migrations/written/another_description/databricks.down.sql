-- 0002 another description
--
--   The way back.
--
-- Written by `idgraph migrate new` for Databricks.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Another description of profile_traits: no row changes.
ALTER TABLE acme.profile_traits ALTER COLUMN email COMMENT 'Trait email';

-- Another description of identifies_resolved: no row changes.
COMMENT ON COLUMN acme.identifies_resolved.email IS 'Trait email';
