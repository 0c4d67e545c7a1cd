-- 0002 another target lag
--
--   The way back.
--
-- Written by `idgraph migrate new` for Snowflake.
-- Its statements run one by one.
-- idgraph: no-transaction

-- id_graph stays, and is refreshed in another way from now on.
ALTER DYNAMIC TABLE acme.id_graph SET TARGET_LAG = '60 minutes';

-- profile_traits stays, and is refreshed in another way from now on.
ALTER DYNAMIC TABLE acme.profile_traits SET TARGET_LAG = '60 minutes';
