WITH
--% if null_means == 'unset'
--% with carried = []
--% include 'query/parts/snapshots.sql'
--% endwith
--% else
--% include 'query/parts/landed_traits.sql'
--% endif
--% include 'query/parts/latest_values.sql'
--% include 'query/parts/all_profiles.sql'
