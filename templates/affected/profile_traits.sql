--% include 'affected/changed_traits.sql'
together AS (
    SELECT c.segment_id
    FROM changed AS c

    UNION ALL

--% with those = 'changed'
--% include 'affected/members.sql'
--% endwith

--% include 'affected/together.sql'
