--% include 'affected/named.sql'
-- All that belong to the same profile as one of them now: those that moved are among these.
moved AS (
    SELECT n.segment_id
    FROM named AS n

    UNION ALL

--% with those = 'named'
--% include 'affected/members.sql'
--% endwith
),
