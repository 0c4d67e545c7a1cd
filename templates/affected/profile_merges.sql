WITH
--% include 'affected/moved.sql'
together AS (
    SELECT m.segment_id
    FROM moved AS m

--% include 'affected/together.sql'
