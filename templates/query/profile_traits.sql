WITH
--% include 'query/parts/landed_traits.sql'
--% if null_means == 'unset'
--% include 'query/parts/latest_snapshot.sql'
--% else
--% include 'query/parts/latest_values.sql'
--% endif
--% include 'query/parts/all_profiles.sql'
