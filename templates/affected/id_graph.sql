WITH
--% include 'affected/named.sql'
-- And all that belong to the same profile as one of them: their way may lead through it.
together AS (
    SELECT n.segment_id
    FROM named AS n

    UNION ALL

--% with those = 'named'
--% include 'affected/members.sql'
--% endwith

--% include 'affected/together.sql'
