--% from 'macros/work_table.sql' import work_table
--% if null_means != 'unset' and not affected
-- In a table of its own what the query reads is read in parallel, which Postgres does not do for what it inserts into
-- a table that is there.
--% set latest
--% include 'query/parts/first_values.sql'
--% endset
{{ work_table(stepped.latest, latest) | trim }}
--% endif
