-- 0002 another description
--
--   The way back.
--
-- Written by `idgraph migrate new` for BigQuery.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Another description of profile_traits: no row changes.
ALTER TABLE acme.profile_traits ALTER COLUMN email SET OPTIONS (description = 'Trait email');

-- Another description of identifies_resolved: no row changes.
ALTER VIEW acme.identifies_resolved ALTER COLUMN email SET OPTIONS (description = 'Trait email');
