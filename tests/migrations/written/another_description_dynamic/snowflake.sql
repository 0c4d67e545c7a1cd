-- 0002 another description dynamic
--
--   another description of email
--
-- Written by `idgraph migrate new` for Snowflake.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Another description of profile_traits: no row changes.
COMMENT ON COLUMN acme.profile_traits.email IS 'Where they\'re reached';
