-- 0002 another warehouse
--
--   The way back.
--
-- Written by `idgraph migrate new` for Snowflake.
-- Its statements run one by one.
-- idgraph: no-transaction

-- id_graph stays, and is refreshed in another way from now on.
ALTER DYNAMIC TABLE acme.id_graph SET TARGET_LAG = '60 minutes';

-- It takes USAGE on the warehouse.
ALTER DYNAMIC TABLE acme.id_graph SET WAREHOUSE = transforming;

-- profile_traits stays, and is refreshed in another way from now on.
ALTER DYNAMIC TABLE acme.profile_traits SET TARGET_LAG = '60 minutes';

-- It takes USAGE on the warehouse.
ALTER DYNAMIC TABLE acme.profile_traits SET WAREHOUSE = transforming;
