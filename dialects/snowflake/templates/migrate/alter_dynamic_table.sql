--% if has_other_lag
ALTER DYNAMIC TABLE {{ table.name }} SET TARGET_LAG = '{{ dynamic_tables.target_lag }} minutes';
--% endif
--% if has_other_warehouse
-- It takes USAGE on the warehouse.
ALTER DYNAMIC TABLE {{ table.name }} SET WAREHOUSE = {{ dynamic_tables.warehouse }};
--% endif
