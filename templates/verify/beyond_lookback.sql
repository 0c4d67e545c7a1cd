WITH
--% include 'verify/found.sql'
,
--% include 'verify/reached.sql'
SELECT count(*) AS beyond_lookback
FROM found AS f
--% include 'verify/in_reach.sql'
WHERE a.{{ reach.affected_on[0][1] }} IS NULL;
