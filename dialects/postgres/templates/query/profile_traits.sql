--% if null_means == 'unset'
--% include 'templates/query/profile_traits.sql'
--% elif stepped and not affected
--% set latest = stepped.latest
--% include 'query/parts/all_profiles.sql'
--% else
--% set first_values
--% include 'query/parts/first_values.sql'
--% endset
WITH latest AS (
    {{ first_values | trim | indent(4) }}
)
--% set affected_resolved = affected
--% include 'query/parts/all_profiles.sql'
--% endif
