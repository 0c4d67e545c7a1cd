-- 0002 another description
--
--   another description of email
--
-- Written by `idgraph migrate new` for BigQuery.
-- Its statements run one by one.
-- idgraph: no-transaction

-- Another description of profile_traits: no row changes.
ALTER TABLE acme.profile_traits ALTER COLUMN email SET OPTIONS (description = 'Where they\'re reached');

-- Another description of identifies_resolved: no row changes.
ALTER VIEW acme.identifies_resolved ALTER COLUMN email SET OPTIONS (description = 'Where they\'re reached');
