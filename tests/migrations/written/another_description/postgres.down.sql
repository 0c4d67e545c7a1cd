-- 0002 another description
--
--   The way back.
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- Another description of profile_traits: no row changes.
COMMENT ON COLUMN acme.profile_traits.email IS 'Trait email';

-- Another description of identifies_resolved: no row changes.
COMMENT ON COLUMN acme.identifies_resolved.email IS 'Trait email';
