WITH
--% include 'verify/found.sql'
--% if not reach_is_made
,
--% include 'verify/reached.sql'
--% endif
SELECT count(*) AS beyond_lookback
FROM found AS f
--% include 'verify/in_reach.sql'
WHERE a.{{ reach.affected_on[0][1] }} IS NULL;
